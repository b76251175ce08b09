-- What every script has in common: counting answers, and the run's figures as one line of JSON.
local threads = {}

good, bad, starved, first_bad = 0, 0, 0, ""

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

function count_bad(status, body)
  bad = bad + 1
  if first_bad == "" then
    first_bad = status .. " " .. tostring(body):sub(1, 200):gsub('[%c"\\]', " ")
  end
end

function done(summary, latency)
  local total = { good = 0, bad = 0, starved = 0 }
  local complaint = ""
  for _, thread in ipairs(threads) do
    for name, count in pairs(total) do total[name] = count + thread:get(name) end
    if complaint == "" then complaint = thread:get("first_bad") end
  end
  -- A script that does not look at its answers leaves the counting to wrk.
  if total.good + total.bad == 0 then
    total.bad = summary.errors.status
    total.good = summary.requests - total.bad
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"good":%d,"bad":%d,"starved":%d,"broken":%d,"seconds":%.6f,' ..
    '"p50":%.3f,"p95":%.3f,"p99":%.3f,"max":%.3f,"first_bad":"%s"}\n',
    total.good, total.bad, total.starved,
    errors.connect + errors.read + errors.write + errors.timeout, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    latency.max / 1e3, complaint))
end
