"""KandyCSharp: C# with RestSharp. The screenshots of its console are the best record of live responses."""

import re

from harness import Family, Step, php, run

LIVE = "KandyCSharp, screenshot of a live response"
CREDENTIALS = {"key": "{domain_key}", "domain_api_secret": "{domain_secret}"}

STEPS = [
    Step("account token", "GET", "/accounts/accesstokens",
         {"key": "{account_key}", "account_api_secret": "{account_secret}"},
         keep={"account_token": "result.account_access_token"}),
    Step("create a domain by a form, name in lower case", "POST", "/accounts/domains", {"key": "{account_token}"},
         form={"domain_name": "spare-{domain}", "project_name": "test domain for my account"},
         reads={"result.domain_api_key": str, "result.domain_api_secret": str}, keep={"spare": "result.domain_api_key"}),
    Step("delete the domain", "DELETE", "/accounts/domains", {"key": "{account_token}", "domain_api_key": "{spare}"},
         message="Domain Deleted"),
    Step("user token", "GET", "/domains/users/accesstokens", {**CREDENTIALS, "user_id": "alice"},
         keep={"token": "result.user_access_token"}),
    Step("create a device with a native id alone", "POST", "/users/devices", {"key": "{token}"},
         {"device_native_id": "353897050000000", "device_family": "Windows", "device_name": "Windows Phone 8",
          "client_sw_version": "0102001", "device_os_version": "8.0.10328.78"}, keep={"device": "result.device_id"}),
    Step("list devices", "GET", "/users/devices", {"key": "{token}"},
         reads={"status_description": {"code": 2000, "message": "The request completed successfully"},
                "result.devices[1].id": re.compile(r"[0-9A-F]{32}"), "result.devices[1].nativeID": "353897050000000",
                "result.devices[1].family": "Windows", "result.devices[1].name": "Windows Phone 8",
                "result.devices[1].osVersion": "8.0.10328.78", "result.devices[1].clientVersion": "102001",
                "result.devices[1].registrationTimestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}")},
         source=LIVE),
    Step("create a group, an image as text and no content type", "POST", "/users/chatgroups", {"key": "{token}"},
         body='{"group_name":"Friends","group_image":"image"}', keep={"group": "result.group_id"}),
    Step("list groups", "GET", "/users/chatgroups", {"key": "{token}"},
         reads={"result.groups[0].group_id": "{group}", "result.groups[0].max_members": "100",
                "result.groups[0].group_image": None, "result.groups[0].creation_time": int,
                "result.groups[0].members": [], "result.groups[0].owners[0].full_user_id": "{alice}",
                "result.groups[0].muted": False}, source=LIVE),
    Step("add a contact without prefixes, nulls in it", "POST", "/users/addressbooks/personal", {"key": "{token}"},
         {"contact": {"name": "Test", "nickname": "Testing", "first_name": "Test", "last_name": "Test 123",
                      "home_phone": None, "mobile_number": "12240000000", "business_number": None, "fax": None,
                      "email": "test@example.com"}}, keep={"contact": "result.contact_id"}),
    Step("list contacts, without prefixes too", "GET", "/users/addressbooks/personal", {"key": "{token}"},
         reads={"result.contacts[0].name": "Test", "result.contacts[0].nickname": "Testing",
                "result.contacts[0].first_name": "Test", "result.contacts[0].mobile_number": "12240000000"}, source=LIVE),
    Step("delete the contact", "DELETE", "/users/addressbooks/personal", {"key": "{token}", "contact_id": "{contact}"}),
    Step("send a picture as text", "POST", "/devices/messages", {"key": "{token}", "device_id": "{device}"},
         {"message": {"contentType": "image", "destination": "{bob}", "UUID": "{message_id}",
                      "message": {"mimeType": "image/jpeg", "text": "/9j/" * 16_000}}}),
    Step("the picture arrives", "GET", "/devices/messages", {"key": "{bob_token}", "device_id": "{bob_device}"},
         reads={"result.messages[0].message.text": "/9j/" * 16_000}),
    Step("revoke the user token", "DELETE", "/domains/users/accesstokens",
         {"key": "{domain_key}", "user_id": "alice", "user_password": "{alice_password}", "user_access_token": "{token}"}),
]

if __name__ == "__main__":
    headers = {"User-Agent": "RestSharp/105.2.3.0", "Accept-Encoding": "gzip, deflate",
               "Accept": "application/json, application/xml, text/json, text/x-json, text/javascript, text/xml"}
    run(Family("csharp", STEPS, "KandyCSharp", encode=php, headers=headers))
