-- Refreshes sessions, each request with the tokens that the session's last answer gave.
-- Arguments: FILE (lines of session, access token, refresh token), TENANT, THREADS, PAUSE (ms).
--
-- wrk does not tell which connection an answer came on, so a request takes any session that has
-- no request under way, and the answer names its session. FILE holds more sessions than there are
-- connections: wrk calls request() once more than it sends.
dofile(debug.getinfo(1, "S").source:match("@(.*/)") .. "result.lua")

local sessions, idle = {}, {}

function init(args)
  local tenant, threads, pause = args[2], tonumber(args[3]), tonumber(args[4])
  if pause > 0 then delay = function() return pause end end
  local index = 0
  for line in io.lines(args[1]) do
    index = index + 1
    if index % threads == number - 1 then
      local id, token, refresh = line:match("(%S+) (%S+) (%S+)")
      local session = { token = token, refresh = refresh }
      session.head = "POST /api/v2.1/admin/sessions/" .. id .. "/refresh HTTP/1.1\r\nHost: 127.0.0.1\r\n" ..
        "X-Tenant-ID: " .. tenant .. "\r\nContent-Type: application/json\r\nContent-Length: " ..
        #refresh + 19 .. "\r\nAuthorization: Bearer "
      sessions[id] = session
      idle[#idle + 1] = session
    end
  end
end

function request()
  local session = table.remove(idle)
  if not session then
    starved = starved + 1
    return "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
  end
  return session.head .. session.token .. '\r\n\r\n{"refreshToken":"' .. session.refresh .. '"}'
end

local function member(body, name)
  local _, last = body:find(name, 1, true)
  return last and body:sub(last + 1, body:find('"', last + 1, true) - 1)
end

function response(status, headers, body)
  local session = status == 200 and sessions[member(body, '"sessionId":"')]
  if not session then return count_bad(status, body) end
  good = good + 1
  session.token = member(body, '"token":"')
  session.refresh = member(body, '"refreshToken":"')
  idle[#idle + 1] = session
end
