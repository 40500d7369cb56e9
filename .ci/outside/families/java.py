"""Programs in Java: Kandroid (OkHttp and Gson), smartalert (queries with empty bodies, drops all but HTTP 200) and the
controller samples (forms)."""

import re

from harness import Family, Step, php, run

JSON = {"Content-Type": "application/json; charset=utf-8"}
CREDENTIALS = {"key": "{domain_key}", "domain_api_secret": "{domain_secret}"}
NUMBER = {"user_phone_number": "4034932232", "user_country_code": "CA"}
# Gson reads a flag or a number into a String, but neither an object nor an array.
TEXT = (str, int, bool, type(None))


def code_of(service):
    service.values["code"] = service.tool("GET", "/verifications")["verifications"][-1]["code"]


KANDROID = [
    Step("domain token", "GET", "/domains/accesstokens", CREDENTIALS, keep={"domain_token": "result.domain_access_token"}),
    Step("send a code", "POST", "/domains/verifications/smss", {"key": "{domain_token}"}, NUMBER, headers=JSON),
    Step("check the code with its number", "GET", "/domains/verifications/codes",
         {"key": "{domain_token}", "validation_code": "{code}", **NUMBER}, reads={"result.valid": True}, before=code_of),
    Step("codes have four digits", "GET", "/domains/verifications/codes",
         {"key": "{domain_token}", "validation_code": "0000", **NUMBER}, reads={"result.valid": bool},
         source="Kandroid, its test",
         before=lambda service: checked(re.fullmatch(r"\d{4}", service.values["code"]), "a code of four digits")),
    Step("user token", "GET", "/domains/users/accesstokens", {**CREDENTIALS, "user_id": "alice"},
         keep={"token": "result.user_access_token"}),
    Step("user details by the domain's API key, as an object", "GET", "/domains/users/details",
         {"key": "{domain_key}", "user_access_token": "{token}"},
         reads={"result.user.user_id": "alice", "result.user.full_user_id": "{alice}", "result.user.domain_name": "{domain}",
                "result.user.user_api_key": str, "result.user.user_api_secret": str}),
    Step("SPiDR configuration, all fields text", "GET", "/users/configurations/communications/spidr", {"key": "{token}"},
         reads={f"result.spidr_configuration.{name}": TEXT for name in
                ("REST_server_address", "REST_server_port", "REST_protocol", "webSocket_server_address",
                 "webSocket_server_port", "webSocket_secure", "use_DTLS", "audit_enable")}),
    Step("devices", "GET", "/users/devices", {"key": "{token}"}, reads={"result.devices[0].nativeID": str},
         keep={"device": "result.devices[0].id"}),
    Step("send a message without messageType", "POST", "/devices/messages", {"key": "{token}", "device_id": "{device}"},
         {"message": {"contentType": "text", "destination": "{bob}", "UUID": "{message_id}",
                      "message": {"mimeType": "text/plain", "text": "let's meet"}}}, headers=JSON),
    Step("pending messages", "GET", "/devices/messages", {"key": "{bob_token}", "device_id": "{bob_device}"},
         reads={"result.server_timestamp": (str, int), "result.messages[0].contentType": "text",
                "result.messages[0].destination": "{bob}", "result.messages[0].timestamp": (str, int),
                "result.messages[0].sender.user_id": "alice", "result.messages[0].message.text": "let's meet"}),
    Step("send an SMS", "POST", "/devices/smss", {"key": "{token}", "device_id": "{device}"},
         {"message": {"source": "+12245556666", "destination": "+1123456789", "message": {"text": "Hi"}}}, headers=JSON),
    Step("personal contacts", "GET", "/users/addressbooks/personal", {"key": "{token}"}, reads={"result.contacts": []}),
]

SMARTALERT = [
    Step("domain token", "GET", "/domains/accesstokens", CREDENTIALS, keep={"domain_token": "result.domain_access_token"}),
    Step("send a code by query", "POST", "/domains/verifications/smss", {"key": "{domain_token}", **NUMBER}, body=""),
    Step("check the code alone", "GET", "/domains/verifications/codes",
         {"key": "{domain_token}", "validation_code": "{code}"}, reads={"result.valid": True}, before=code_of),
    Step("create a user by query", "POST", "/domains/users/user_id",
         {"key": "{domain_token}", "user_id": "eve", "user_country_code": "US", "user_first_name": "Eve Ann"}, body="",
         reads={"result.user_id": "eve"}, keep={"password": "result.user_password"}),
    Step("add a contact", "POST", "/users/addressbooks/personal", {"key": "{alice_token}"},
         {"contact": {"contact_user_name": "{bob}", "contact_nickname": "bob", "contact_email": "bob@example.com"}},
         reads={"result.contact_id": re.compile(r"[0-9a-f]{32}")}),
    Step("delete a user by id and password", "DELETE", "/domains/users",
         {"key": "{domain_token}", "user_id": "eve", "user_password": "{password}"}, message="User Deleted"),
]

CONTROLLER = [
    Step("domain token", "GET", "/domains/accesstokens", CREDENTIALS, keep={"domain_token": "result.domain_access_token"}),
    Step("create a user by a form", "POST", "/domains/users/user_id", {"key": "{domain_token}"},
         form={"user_id": "frank", "user_country_code": "US", "user_first_name": "Frank & co"},
         reads={"result.full_user_id": str}),
    Step("user token", "GET", "/domains/users/accesstokens", {**CREDENTIALS, "user_id": "frank"},
         keep={"token": "result.user_access_token"}),
    Step("create a device by a form", "POST", "/users/devices", {"key": "{token}"},
         form={"device_native_id": "353897050000000", "device_family": "android"}, reads={"result.device_id": str}),
    Step("users", "GET", "/domains/users", {"key": "{domain_token}"},
         reads={"result.users": lambda users: any(one["user_id"] == "frank" for one in users)}),
]


def checked(right, what):
    assert right, f"the client needs {what}"


if __name__ == "__main__":
    okhttp = {"User-Agent": "okhttp/3.6.0", "Accept-Encoding": "gzip"}
    run(Family("kandroid", KANDROID, "Kandroid", encode=php, headers=okhttp),
        Family("smartalert", SMARTALERT, "smartalert", encode=php, headers={"Accept": "text/html, image/gif, */*; q=.2"}),
        Family("controller", CONTROLLER, "KandyController", encode=php),
        Family("controller-1.3", CONTROLLER, "KandyController, v1.3", "v1.3", encode=php))
