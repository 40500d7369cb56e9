"""The plug-ins for Laravel, WordPress and Drupal: PHP with curl and http_build_query, back to v1.1. They compare `message`
with "success" and ignore `status`, and do arithmetic with the times of last seen."""

import re

from harness import Family, Step, php, run

CREDENTIALS = {"key": "{domain_key}", "domain_api_secret": "{domain_secret}"}
PLUGIN = "kandy-laravel, kandy-wordpress, kandy-drupal"
NUMBER = (int, float)


def seen(users):
    return any(one["full_user_id"].startswith("alice@") and isinstance(one["last_seen"], NUMBER) for one in users)


STEPS = [
    Step("domain token", "GET", "/domains/accesstokens", CREDENTIALS, message="success",
         keep={"domain_token": "result.domain_access_token"}),
    Step("domain details by token, with the key beside it", "GET", "/accounts/domains/details",
         {"key": "{domain_token}", "domain_api_key": "{domain_key}"}, message="success",
         reads={"result.domain.domain_name": "{domain}"}),
    Step("users to import", "GET", "/domains/users", {"key": "{domain_token}"}, message="success",
         reads={"result.users[0].user_id": str, "result.users[0].domain_name": "{domain}",
                "result.users[0].user_api_key": str, "result.users[0].user_api_secret": str}),
    Step("create a user without a country", "POST", "/domains/users/user_id", {"key": "{domain_token}"},
         {"user_id": "carol-{message_id}", "user_email": "carol@example.com"}, message="success",
         # The plug-in keeps all of these.
         reads={"result.user_id": str, "result.user_password": str, "result.full_user_id": str,
                "result.domain_name": "{domain}", "result.user_api_key": str, "result.user_api_secret": str}),
    Step("user token by password", "GET", "/domains/users/accesstokens",
         {"key": "{domain_key}", "user_id": "alice", "user_password": "{alice_password}"}, message="success",
         reads={"result.user_access_token": re.compile(r"UAT[0-9a-f]{32}")},
         keep={"token": "result.user_access_token"}),
    Step("user token by secret, for single sign-on", "GET", "/domains/users/accesstokens",
         {**CREDENTIALS, "user_id": "alice"}, message="success", reads={"result.user_access_token": str},
         source="kandy-laravel"),
    Step("anonymous user", "GET", "/domains/access_token/users/user/anonymous", {"key": "{domain_token}"},
         message="success",
         reads={"result.user_name": str, "result.user_password": str, "result.full_user_id": str,
                "result.domain_name": "{domain}", "result.user_access_token": str},
         keep={"anonymous": "result.user_access_token"}),
    Step("the anonymous user is ready", "GET", "/users/devices", {"key": "{anonymous}"},
         reads={"result.devices[0].id": str}),
    Step("request of alice, seen by the next step", "GET", "/users/devices", {"key": "{token}"}),
    Step("last seen with the domain's token", "GET", "/users/presence/last_seen",
         {"key": "{domain_token}", "users": '["{alice}","{bob}"]'}, message="success",
         reads={"result.server_timestamp": lambda time: isinstance(time, NUMBER) and time > 1_400_000_000_000,
                "result.users": seen}),
    Step("last seen of objects", "GET", "/users/presence/last_seen",
         {"key": "{domain_token}", "users": '[{"full_user_id":"{alice}"}]'}, message="success",
         reads={"result.users": seen}, source="kandy-wordpress, a call in its script"),
    Step("session by id", "GET", "/users/sessions/session/id", {"key": "{token}", "session_id": "{session}"},
         reads={"result.session.session_id": "{session}", "result.session.admin_full_user_id": "{alice}",
                "result.session.session_status": "inactive"}, source="kandy-drupal",
         before=lambda service: service.values.update(session=service.call(
             "POST", "/users/sessions/session", {"session_name": "help"}, key=service.values["alice_token"])["session_id"])),
]

# The plug-in shows "the user does not exist" for any HTTP status but 200, and an empty page otherwise.
DRUPAL = [
    Step("token of an unknown user", "GET", "/domains/users/accesstokens", {**CREDENTIALS, "user_id": "nobody"},
         http=(400, 401, 403, 404), status=53),
]

# The SMS sample in PHP: curl with CURLOPT_POSTFIELDS, whose content type is that of a form whatever the text is.
SMS = [
    Step("user token", "GET", "/domains/users/accesstokens", {**CREDENTIALS, "user_id": "alice"},
         keep={"token": "result.user_access_token"}),
    Step("first device", "GET", "/users/devices", {"key": "{token}"}, keep={"device": "result.devices[0].id"}),
    Step("JSON as JSON", "POST", "/devices/smss", {"key": "{token}", "device_id": "{device}"},
         {"message": {"source": "senderId", "destination": "12245556666", "message": {"text": "Hi"}}}),
    Step("JSON with the content type of a form", "POST", "/devices/smss", {"key": "{token}", "device_id": "{device}"},
         body='{"message":{"source":"senderId","destination":"+12245556666","message":{"text":"Caf\\u00e9 & co"}}}',
         headers={"Content-Type": "application/x-www-form-urlencoded"}),
    Step("nested form of http_build_query", "POST", "/devices/messages", {"key": "{token}", "device_id": "{device}"},
         form={"message": {"contentType": "text", "destination": "{bob}", "UUID": "{message_id}",
                           "message": {"mimeType": "text/plain", "text": "a & b = c + d"}}}),
    Step("it arrives unchanged", "GET", "/devices/messages", {"key": "{bob_token}", "device_id": "{bob_device}"},
         reads={"result.messages[0].message": {"mimeType": "text/plain", "text": "a & b = c + d"}}),
    Step("list in a nested form", "POST", "/devices/addressbooks", {"key": "{token}", "device_id": "{device}"},
         form={"contacts": [{"firstName": "John", "numbers": ["+14055671234", "+14055671235"]}]}),
    Step("both numbers are contacts", "GET", "/devices/addressbooks", {"key": "{token}", "device_id": "{device}"},
         reads={"result.contacts[0].firstName": "John", "result.contacts[1].number": "+14055671235"}),
]

if __name__ == "__main__":
    common = {"encode": php, "headers": {"Accept": "*/*"}}
    run(Family("php", STEPS, PLUGIN, **common), Family("php-1.1", STEPS, PLUGIN + " of early 2015", "v1.1", **common),
        Family("drupal", DRUPAL, "kandy-drupal", **common), Family("php-sms", SMS, "PHP samples of SMS", **common))
