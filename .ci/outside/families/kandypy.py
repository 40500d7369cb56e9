"""KandyPy: Python with requests, written from the documentation. Its deletions that send GET are slips and not here."""

import re

from harness import Family, Step, run

TOKEN = re.compile(r"[A-Z]{3}[0-9a-f]{32}")
TEXT = {"mimeType": "text/plain", "text": "let's meet tonight"}

STEPS = [
    Step("account token", "GET", "/accounts/accesstokens",
         {"key": "{account_key}", "account_api_secret": "{account_secret}"},
         reads={"result.account_access_token": TOKEN}, keep={"account_token": "result.account_access_token"}),
    Step("list domains", "GET", "/accounts/domains", {"key": "{account_token}"},
         # A number of users and an account number are text.
         reads={"result.domains[0].domain_api_key": str, "result.domains[0].domain_api_secret": str,
                "result.domains[0].number_of_users": re.compile(r"\d+"),
                "result.domains[0].account_number": re.compile(r"\d+"),
                "result.domains[0].next_recurring_payment": re.compile(r"\d{4}-\d\d-\d\d")}),
    Step("domain token", "GET", "/domains/accesstokens", {"key": "{domain_key}", "domain_api_secret": "{domain_secret}"},
         reads={"result.domain_access_token": TOKEN}, keep={"domain_token": "result.domain_access_token"}),
    Step("domain details by key, secret and token", "GET", "/accounts/domains/details",
         {"key": "{domain_key}", "domain_api_secret": "{domain_secret}", "domain_access_token": "{domain_token}"},
         reads={"result.domain.domain_name": "{domain}"}),
    Step("create a user by number", "POST", "/domains/users/phone_number", {"key": "{domain_token}"},
         {"user_phone_number": "3524096582", "user_country_code": "US"}, message="success"),
    Step("create a user by id", "POST", "/domains/users/user_id", {"key": "{domain_token}"},
         {"user_id": "russ", "user_country_code": "US"}, message="success"),
    Step("list users", "GET", "/domains/users", {"key": "{domain_token}"},
         reads={"result.users": lambda users: any(
             one["user_id"] == "13524096582" and one["user_phone_number"] == "3524096582" and one["user_country_code"] == "1"
             for one in users)}),
    Step("user details, as a list", "GET", "/domains/users/details",
         {"key": "{domain_token}", "user_access_token": "{alice_token}"},
         reads={"result.users[0].user_id": "alice", "result.users[0].domain_name": "{domain}"}),
    Step("user token", "GET", "/domains/users/accesstokens",
         {"key": "{domain_key}", "domain_api_secret": "{domain_secret}", "user_id": "alice"},
         reads={"result.user_access_token": TOKEN}, keep={"token": "result.user_access_token"}),
    Step("create a device", "POST", "/users/devices", {"key": "{token}"},
         {"device_native_id": "12345678901234", "device_family": "iphone", "device_name": "iphone6",
          "client_sw_version": "0102001", "device_os_version": "8.0"},
         reads={"result.device_id": str}, keep={"device": "result.device_id"}),
    Step("list devices, as its SMS example reads them", "GET", "/users/devices", {"key": "{token}"},
         reads={"result.devices[0].id": str}),
    Step("address book", "GET", "/devices/addressbooks", {"key": "{token}", "device_id": "{device}"},
         reads={"result.contacts": list}),
    Step("send a message with content_type", "POST", "/devices/messages", {"key": "{token}", "device_id": "{device}"},
         {"message": {"content_type": "text", "destination": "{bob}", "UUID": "{message_id}", "message": TEXT}}),
    Step("pending messages", "GET", "/devices/messages",
         {"key": "{bob_token}", "device_id": "{bob_device}", "client_timestamp": "1409754477079"},
         reads={"result.messages[0].messageType": "chat", "result.messages[0].sender.full_user_id": "{alice}",
                "result.messages[0].UUID": "{message_id}", "result.messages[0].timestamp": re.compile(r"\d{10,13}"),
                "result.messages[0].message": TEXT}),
    Step("delete handled messages", "DELETE", "/devices/messages",
         {"key": "{bob_token}", "device_id": "{bob_device}", "messages": '["{message_id}"]'}),
    Step("send an SMS", "POST", "/devices/smss", {"key": "{token}", "device_id": "{device}"},
         {"message": {"source": "+12245556666", "destination": "+1123456789", "message": {"text": "Hello, Kandy SMS!"}}}),
    Step("group for the next steps", "POST", "/users/chatgroups", {"key": "{token}"}, {"group_name": "asd"},
         keep={"group": "result.group_id"}),
    Step("group details", "GET", "/users/chatgroups/chatgroup", {"key": "{token}", "group_id": "{group}"},
         reads={"result.group_id": "{group}", "result.max_members": re.compile(r"\d+"), "result.creation_time": int,
                "result.owners[0].full_user_id": "{alice}", "result.owners[0].muted": False, "result.members": list,
                "result.muted": False}),
    Step("send a group message", "POST", "/users/chatgroups/chatgroup/messages", {"key": "{token}"},
         {"message": {"contentType": "text", "group_id": "{group}", "UUID": "abc2fa752c3c4edf97de8b0a12f622f0",
                      "message": TEXT}}),
    Step("message to an unknown group", "POST", "/users/chatgroups/chatgroup/messages", {"key": "{token}"},
         {"message": {"contentType": "text", "group_id": "0" * 32, "UUID": "abc2fa752c3c4edf97de8b0a12f622f1",
                      "message": TEXT}}, status=700, source="the documentation's table of group errors"),
    Step("delete a device", "DELETE", "/users/devices", {"key": "{token}", "device_id": "{device}"},
         message="Device Deleted"),
    Step("delete a user by their key alone", "DELETE", "/domains/users", {"key": "{bob_key}"}, message="User Deleted"),
    Step("revoke the domain token", "DELETE", "/domains/accesstokens",
         {"key": "{domain_key}", "domain_api_secret": "{domain_secret}", "domain_access_token": "{domain_token}"}),
    Step("revoke the account token", "DELETE", "/accounts/accesstokens",
         {"key": "{account_key}", "account_api_secret": "{account_secret}", "account_access_token": "{account_token}"}),
]

if __name__ == "__main__":
    # What requests adds to every request.
    headers = {"User-Agent": "python-requests/2.13.0", "Accept-Encoding": "gzip, deflate", "Accept": "*/*"}
    run(Family("kandypy", STEPS, "KandyPy, code and README", headers=headers))
