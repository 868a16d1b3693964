-- wrk: files anonymous complaints.
local body = '{"subject":"تأخیر در صدور پروانه","text":"سه ماه است که پروندهٔ من در شهرداری بی‌پاسخ مانده است و کسی پاسخگو نیست."}'
local headers = {["Content-Type"] = "application/json"}

request = function()
  return wrk.format("POST", "/v1/orgs/isfahan/complaints", headers, body)
end
