"""Walks all 25 documented operations against a running emulator, as a program would that knows nothing but the
documentation and the answers of the live service. Usage: walk.py BASE_URL ACCOUNT_KEY ACCOUNT_SECRET"""

import json
import re
import sys
import uuid

import requests

BASE, KEY, SECRET = sys.argv[1:4]
TOOLS = BASE.rsplit("/", 1)[0] + "/_emulator"
walked = set()


def call(method, path, body=None, status=0, message=None, **query):
    walked.add((method, path))
    answer = requests.request(method, BASE + path, params=query, json=body, timeout=10)
    assert answer.headers["content-type"].startswith("application/json"), answer.headers
    envelope = answer.json()
    assert envelope["status"] == status, (method, path, envelope)
    assert isinstance(envelope["message"], str)
    if message:
        assert envelope["message"] == message, envelope
    if status == 0:
        assert answer.status_code == 200
    return envelope.get("result")


def hexed(prefix, value):
    assert re.fullmatch(prefix + "[0-9a-f]{32}", value), value
    return value


# Account
token = call("GET", "/accounts/accesstokens", key=KEY, account_api_secret=SECRET)["account_access_token"]
hexed("AAT", token)
created = call("POST", "/accounts/domains", {"domain_name": "walk.com", "project_name": "walk"}, key=token)
dak, das = hexed("DAK", created["domain_api_key"]), hexed("DAS", created["domain_api_secret"])
call("POST", "/accounts/domains", {"domain_name": "walk.com"}, status=2001, key=token)
domains = call("GET", "/accounts/domains", key=token)["domains"]
[domain] = [d for d in domains if d["domain_name"] == "walk.com"]
assert domain["number_of_users"] == "0" and domain["account_number"].isdigit(), domain
assert re.fullmatch(r"\d{4}-\d\d-\d\d", domain["next_recurring_payment"])

# Domain
dat = hexed("DAT", call("GET", "/domains/accesstokens", key=dak, domain_api_secret=das)["domain_access_token"])
for form in ({"key": dat, "domain_api_key": dak},
             {"key": dak, "domain_api_secret": das, "domain_access_token": dat}):
    details = call("GET", "/accounts/domains/details", **form)
    assert details["domain"]["domain_name"] == "walk.com"
bob = call("POST", "/domains/users/user_id", {"user_id": "bob", "user_country_code": "US"}, key=dat)
assert bob["full_user_id"] == "bob@walk.com" and bob["domain_name"] == "walk.com" and bob["user_password"]
hexed("UAK", bob["user_api_key"]), hexed("UAS", bob["user_api_secret"])
call("POST", "/domains/users/phone_number", {"user_phone_number": "3524096582", "user_country_code": "US"}, key=dat)
users = call("GET", "/domains/users", key=dat)["users"]
ann = next(u for u in users if u["user_id"] == "13524096582")
assert ann["user_phone_number"] == "3524096582" and ann["user_country_code"] == "1", ann

# User
uat = call("GET", "/domains/users/accesstokens", key=dak, domain_api_secret=das, user_id="bob")["user_access_token"]
hexed("UAT", uat)
call("GET", "/domains/users/accesstokens", key=dak, user_password=bob["user_password"], user_id="bob")
ann_token = call("GET", "/domains/users/accesstokens", key=dak, domain_api_secret=das,
                 user_id="13524096582")["user_access_token"]
for form in ({"user_access_token": uat}, {"user_api_key": bob["user_api_key"]}):
    assert call("GET", "/domains/users/details", key=dat, **form)["user"]["user_id"] == "bob"
device = call("POST", "/users/devices", {
    "device_native_id": "12345678901234", "device_family": "iphone", "device_name": "iphone6",
    "client_sw_version": "0102001", "device_os_version": "8.0"}, key=uat)["device_id"]
listed = next(d for d in call("GET", "/users/devices", key=uat)["devices"] if d["id"] == device)
assert listed["nativeID"] == "12345678901234" and listed["clientVersion"] == "102001", listed
assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", listed["registrationTimestamp"])
ann_device = call("GET", "/users/devices", key=ann_token)["devices"][0]["id"]

# Device
requests.post(TOOLS + "/contacts", json={"device_id": device, "contact": {"number": "+14055671234"}}, timeout=10)
[contact] = call("GET", "/devices/addressbooks", key=uat, device_id=device)["contacts"]
assert contact["number"] == "+14055671234" and contact["hintType"] == "none", contact
call("DELETE", "/devices/addressbooks", key=uat, device_id=device)
assert call("GET", "/devices/addressbooks", key=uat, device_id=device)["contacts"] == []
message = {"contentType": "text", "destination": "13524096582@walk.com", "UUID": uuid.uuid4().hex,
           "message": {"mimeType": "text/plain", "text": "let's meet tonight"}}
call("POST", "/devices/messages", {"message": message}, key=uat, device_id=device)
pending = call("GET", "/devices/messages", key=ann_token, device_id=ann_device, client_timestamp="1409754477079")
assert str(pending["server_timestamp"]).isdigit()
[waiting] = pending["messages"]
assert waiting["messageType"] == "chat" and waiting["contentType"] == "text", waiting
assert waiting["sender"] == {"user_id": "bob", "domain_name": "walk.com", "full_user_id": "bob@walk.com"}
assert waiting["message"]["text"] == "let's meet tonight" and str(waiting["timestamp"]).isdigit()
call("DELETE", "/devices/messages", key=ann_token, device_id=ann_device, messages=json.dumps([waiting["UUID"]]))
assert call("GET", "/devices/messages", key=ann_token, device_id=ann_device)["messages"] == []
sms = {"source": "+12245556666", "destination": "+1123456789", "message": {"text": "Hello, Kandy SMS!"}}
call("POST", "/devices/smss", {"message": sms}, key=uat, device_id=device)
assert "Hello, Kandy SMS!" in requests.get(TOOLS + "/sms", timeout=10).text

# Group
group = requests.post(TOOLS + "/groups", json={
    "name": "asd", "owners": ["bob@walk.com"], "members": ["13524096582@walk.com"]}, timeout=10).json()["group_id"]
details = call("GET", "/users/chatgroups/chatgroup", key=uat, group_id=group)
assert details["group_id"] == group and isinstance(details["creation_time"], int) and details["max_members"].isdigit()
assert {"full_user_id": "13524096582@walk.com", "muted": False} in details["members"], details
message = {"contentType": "text", "group_id": group, "UUID": uuid.uuid4().hex,
           "message": {"mimeType": "text/plain", "text": "this is the text to send"}}
call("POST", "/users/chatgroups/chatgroup/messages", {"message": message}, key=uat)
[waiting] = call("GET", "/devices/messages", key=ann_token, device_id=ann_device)["messages"]
assert waiting["messageType"] == "groupChat" and waiting["group_id"] == group, waiting
call("GET", "/users/chatgroups/chatgroup", status=700, key=uat, group_id="0" * 32)

# The end
call("DELETE", "/users/devices", key=uat, device_id=device, message="Device Deleted")
call("DELETE", "/domains/users", key=dat, user_api_key=bob["user_api_key"], message="User Deleted")
call("DELETE", "/domains/accesstokens", key=dak, domain_api_secret=das, domain_access_token=dat)
call("GET", "/domains/users", status=10, key=dat)
call("DELETE", "/accounts/domains", key=token, domain_api_key=dak, message="Domain Deleted")
call("DELETE", "/accounts/accesstokens", key=KEY, account_api_secret=SECRET, account_access_token=token)
call("GET", "/accounts/domains", status=10, key=token)

assert len(walked) == 25, len(walked)
print("25 operations walked")
