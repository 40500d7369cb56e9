"""The account portal of one carrier (kandyMyAccount): v1.3, paths in other cases, and the one program that renews its token:
it keeps a domain token until a response is HTTP 403, and then asks for a new one and repeats the request."""

from harness import Family, Step, php, run

CREDENTIALS = {"key": "{domain_key}", "domain_api_secret": "{domain_secret}"}
USER = {"key": "{domain_token}", "user_access_token": "{token}"}


def revoke(service):
    values = service.values
    service.call("DELETE", "/domains/accesstokens", key=values["domain_key"], domain_api_secret=values["domain_secret"],
                 domain_access_token=values["domain_token"])


def expire(service):
    service.tool("POST", "/clock", {"advance_ms": 2 * 60 * 60 * 1000})


STEPS = [
    Step("domain token", "GET", "/domains/AccessTokens", CREDENTIALS, keep={"domain_token": "result.domain_access_token"}),
    Step("user token", "GET", "/domains/users/accessTokens", {**CREDENTIALS, "user_id": "alice"},
         keep={"token": "result.user_access_token"}),
    Step("user details", "GET", "/domains/users/details", USER, reads={"result.user.user_id": "alice"}),
    Step("provisioned user", "GET", "/domains/provision/users/user", {"key": "{domain_token}", "user_id": "alice"},
         reads={"result.last_registered_device_id": str}),
    Step("send a code by chat", "POST", "/domains/verifications/chats", {"key": "{domain_token}", "user_id": "alice"}, {}),
    Step("check a code with its number", "GET", "/domains/verifications/codes",
         {"key": "{domain_token}", "validation_code": "0000", "user_phone_number": "4034932232", "user_country_code": "CA"},
         reads={"result.valid": False}),
    Step("message through the receiver's device, type inside", "POST", "/devices/messages",
         {"key": "{token}", "device_id": "{bob_device}"},
         {"message": {"contentType": "text", "destination": "{bob}", "UUID": "{message_id}", "messageType": "chat",
                      "message": {"mimeType": "text/plain", "text": "code"}}}),
    Step("packages", "GET", "/domains/billing/packages/all", {"key": "{domain_token}"},
         reads={"result.packages[0].package_id": int, "result.packages[0].package_name": str}),
    Step("active packages", "GET", "/domains/billing/users/packages/status/active",
         {"key": "{domain_token}", "user_id": "alice"}, reads={"result.details.packages": list}),
    Step("calls, path with a slash at the end", "GET", "/domains/billing/users/history/calls/",
         {"key": "{domain_token}", "user_id": "alice", "start_time": "2016-12-01", "end_time": "2016-12-31 23:59:59"},
         reads={"result.calls": list}),
    Step("a revoked token is HTTP 403", "GET", "/domains/users/details", USER, http=403, status=10, before=revoke),
    Step("renew", "GET", "/domains/AccessTokens", CREDENTIALS, keep={"domain_token": "result.domain_access_token"}),
    Step("repeat", "GET", "/domains/users/details", USER, reads={"result.user.user_id": "alice"}),
    Step("an expired token is HTTP 403", "GET", "/domains/users", {"key": "{domain_token}"}, http=403, status=10,
         before=expire),
    Step("renew again", "GET", "/domains/AccessTokens", CREDENTIALS, keep={"domain_token": "result.domain_access_token"}),
    Step("repeat again", "GET", "/domains/users", {"key": "{domain_token}"}, reads={"result.users": list}),
]

if __name__ == "__main__":
    run(Family("portal", STEPS, "kandyMyAccount", "v1.3", encode=php, headers={"Accept": "*/*"}))
