-- One and the same request, again and again: wrk makes it once, and looks at no answer but its status.
-- Arguments: PAUSE (ms), METHOD, BODY; path and headers come from wrk's own command line.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "result.lua")

function init(args)
  local pause = tonumber(args[1] or "0")
  if pause > 0 then delay = function() return pause end end
  wrk.method = args[2] or "GET"
  wrk.body = args[3]
end
