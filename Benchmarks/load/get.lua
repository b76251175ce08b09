-- One and the same GET, again and again: wrk makes it once, and looks at no answer but its status.
-- Arguments: PAUSE (ms). Path and headers come from wrk's own command line.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "result.lua")

function init(args)
  local pause = tonumber(args[1] or "0")
  if pause > 0 then delay = function() return pause end end
end
