-- wrk: posts comments; with MIX, one post in ten requests, else reads of the same draft.
local body = '{"text":"این ماده باید روشن‌تر نوشته شود تا شهروندان بدانند چه باید بکنند.","position":"for","audience":"citizen"}'
local headers = {["Content-Type"] = "application/json"}
local path = os.getenv("BENCH_PATH")
local mix = os.getenv("BENCH_MIX")
local n = 0

request = function()
  n = n + 1
  if mix and n % 10 ~= 0 then
    return wrk.format("GET", n % 2 == 0 and path or path .. "/comments?limit=20")
  end
  return wrk.format("POST", path .. "/comments", headers, body)
end
