-- Refreshes by token alone, as OAuth does: a request takes any token that was never used, and the
-- answer's own takes its place. Arguments: FILE (a token a line), PATH, TYPE, BODY with a % where the
-- token goes, MEMBER that has the next token. Other headers come from wrk's own command line.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "result.lua")

local unused, path, before, after, pattern = {}, nil, nil, nil, nil

function init(args)
  for line in io.lines(args[1]) do unused[#unused + 1] = line end
  path = args[2]
  wrk.headers["Content-Type"] = args[3]
  before, after = args[4]:match("^(.*)%%(.*)$")
  pattern = '"' .. args[5] .. '": ?"([^"]+)"'
end

function request()
  local token = table.remove(unused)
  if not token then starved = starved + 1 end
  return wrk.format("POST", path, nil, before .. (token or "none") .. after)
end

function response(status, headers, body)
  local token = status == 200 and body:match(pattern)
  if not token then return count_bad(status, body) end
  good = good + 1
  unused[#unused + 1] = token
end
