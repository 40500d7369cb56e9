//! Invalid arguments are refused by name, before any request.

use futures_util::FutureExt;
use kandy::{AddressBookEntry, CallBuilder, Error, Kandy, Result};

use crate::support::mock_server::MockServer;

/// Returns the argument that a call is refused for; its preview has to be refused for the same. Both have to end at once,
/// without any I/O.
fn refused(call: impl CallBuilder + Clone) -> &'static str {
    let argument = argument(call.clone().preview().now_or_never().expect("no I/O"));
    assert_eq!(argument, self::argument(call.into_future().now_or_never().expect("no I/O")));
    argument
}

/// Returns the argument that an error names.
fn argument<T>(outcome: Result<T>) -> &'static str {
    match outcome {
        Err(Error::Argument(error)) => error.argument(),
        Err(error) => panic!("{error}"),
        Ok(_) => "nothing",
    }
}

#[tokio::test]
async fn names_every_invalid_argument() {
    let kandy = Kandy::builder().base_url("https://kandy.invalid/v1.2").build().expect("a client");
    let digits = "0123456789abcdef0123456789abcdef";
    let account = kandy.account("AAK-key", "AAS-secret");
    let domain = kandy.domain("DAK-key", "DAS-secret");
    let user = domain.user("russ");
    let device = user.device("A149");
    let group = user.group("834f");

    // Credentials.
    assert_eq!(refused(kandy.account("", "AAS-secret").domains()), "api_key");
    assert_eq!(refused(kandy.account("AAK-key", "").domains()), "api_secret");
    assert_eq!(refused(kandy.account(format!("DAK{digits}"), "AAS-secret").domains()), "api_key");
    assert_eq!(refused(kandy.domain("DAK-key", "").users()), "api_secret");
    assert_eq!(refused(kandy.domain("DAK-key", format!("DAK{digits}")).users()), "api_secret");
    assert_eq!(refused(kandy.domain_with_token("DAK-key", "DAT-token").user("russ").devices()), "domain_api_secret");
    assert_eq!(refused(kandy.user_with_password("DAK-key", "russ", "").devices()), "password");
    assert_eq!(refused(kandy.user_with_password("", "russ", "secret").devices()), "domain_api_key");
    assert_eq!(refused(kandy.account_with_token("AAT-token").revoke_access_token()), "api_secret");
    assert_eq!(refused(account.delete_domain("")), "domain_api_key");
    assert_eq!(refused(account.delete_domain(format!("UAK{digits}"))), "domain_api_key");
    assert_eq!(refused(account.revoke_access_token().token("")), "token");
    assert_eq!(refused(user.revoke_access_token()), "password");
    assert_eq!(refused(user.revoke_access_token().token("UAT-token")), "password");
    assert_eq!(refused(user.revoke_access_token().token("").password("x")), "token");
    assert_eq!(refused(user.revoke_access_token().token("UAT-token").password("")), "password");
    assert_eq!(refused(kandy.user_with_token("UAT-token").revoke_access_token()), "domain_api_key");
    assert_eq!(refused(domain.delete_user("")), "user_api_key");
    assert_eq!(refused(domain.delete_user_by_password("russ", "")), "password");
    assert_eq!(refused(domain.user_details("")), "user_api_key");
    assert_eq!(refused(domain.user_details_by_token("")), "user_access_token");

    // Ids.
    assert_eq!(refused(account.create_domain("")), "domain_name");
    assert_eq!(refused(domain.create_user("")), "user_id");
    assert_eq!(refused(domain.create_user("russ@example.com")), "user_id");
    assert_eq!(refused(domain.delete_user_by_password("russ@example.com", "x")), "user_id");
    assert_eq!(refused(domain.user("russ@example.com").devices()), "user_id");
    assert_eq!(refused(domain.user("").devices()), "user_id");
    assert_eq!(refused(user.create_device("")), "native_id");
    assert_eq!(refused(user.delete_device("")), "device_id");
    assert_eq!(refused(user.device("").address_book()), "device_id");
    assert_eq!(refused(user.device("").delete_address_book()), "device_id");
    assert_eq!(refused(user.device("").pending_messages()), "device_id");
    assert_eq!(refused(user.device("").delete_messages([digits])), "device_id");
    assert_eq!(refused(user.device("").send_message("anna@example.com", "x")), "device_id");
    assert_eq!(refused(user.device("").send_sms("+12245556666", "x")), "device_id");
    assert_eq!(refused(user.group("").details()), "group_id");
    assert_eq!(refused(user.group("").send_message("x")), "group_id");
    assert_eq!(refused(user.delete_contact("")), "contact_id");
    assert_eq!(refused(user.device_address_book().device_id("")), "device_id");
    assert_eq!(refused(user.device("").upload_address_book([])), "device_id");
    assert_eq!(refused(user.device("").address_book_hints()), "device_id");
    assert_eq!(refused(user.create_contact("anna", "anna")), "user_name");
    assert_eq!(refused(user.create_contact("anna@example.com", "")), "nickname");
    assert_eq!(refused(user.last_seen(["anna@example.com", "anna"])), "users");
    assert_eq!(refused(domain.last_seen(Vec::<String>::new())), "users");
    assert_eq!(refused(domain.last_seen(vec!["anna@example.com"; 1000])), "users");
    assert_eq!(refused(user.profile("russ@example.com", "example.com")), "user_id");
    assert_eq!(refused(user.profile("russ", "")), "domain_name");
    assert_eq!(refused(user.rollover_group("")), "group_name");
    assert_eq!(refused(device.send_message("anna", "x")), "to");
    assert_eq!(refused(device.send_message("anna@example.com", "x").message_id("1")), "message_id");
    assert_eq!(refused(group.send_message("x").message_id("")), "message_id");
    assert_eq!(refused(device.delete_messages([digits, "no"])), "messages");

    // Numbers, countries, passwords.
    assert_eq!(refused(domain.create_user_by_phone("none", "US")), "phone_number");
    assert_eq!(refused(domain.create_user_by_phone("3524096582", "ZZ")), "country_code");
    assert_eq!(refused(domain.create_user_by_phone("3524096582", "")), "country_code");
    assert_eq!(refused(domain.create_user_by_phone("3524096582", "1").password("short")), "password");
    assert_eq!(refused(domain.create_user("russ").country_code("USA")), "country_code");
    assert_eq!(refused(domain.create_user("russ").password("nodigitshere")), "password");
    assert_eq!(refused(user.normalize_phone_number("none", "US")), "phone_number");
    assert_eq!(refused(user.normalize_phone_number("3524096582", "ZZ")), "country_code");
    assert_eq!(refused(device.upload_address_book([AddressBookEntry::new(["+1", ""])])), "contacts");
    assert_eq!(refused(user.search_directory("")), "text");
    assert_eq!(refused(user.search_directory_by_name("")), "name");
    assert_eq!(refused(user.search_directory_by_phone_number("")), "phone_number");
    assert_eq!(refused(user.search_directory_by_user_id("")), "user_id");
    assert_eq!(refused(user.set_profile()), "profile");
    let long = "a".repeat(4 * 1024);
    assert_eq!(refused(user.set_profile().first_name(&long).last_name(&long)), "last_name");
    assert_eq!(refused(device.send_sms("Anna", "x")), "to");
    assert_eq!(refused(device.send_sms("+12245556666", "")), "text");
    assert_eq!(refused(device.send_sms("+12245556666", "x").from("")), "from");
    assert_eq!(refused(device.send_sms("2245556666", "x")), "to");
    assert_eq!(refused(device.send_sms("12245556666/12245556667", "x")), "to");
    assert_eq!(refused(device.send_sms("5556666", "x").default_country("US")), "to");
    assert_eq!(refused(device.send_sms("+12245556666", "x").default_country("1")), "default_country");
    assert_eq!(refused(device.send_sms("+12245556666", "a".repeat(161)).max_segments(1)), "text");
    assert_eq!(refused(device.send_sms("+12245556666", "x").max_segments(0)), "max_segments");
    assert_eq!(refused(device.send_sms("+12245556666", "x").from("1.2246E+10")), "from");
    assert_eq!(refused(domain.send_verification_code("+44 20 7946 0018", "US")), "phone_number");
    assert_eq!(refused(domain.check_verification_code("1234").phone_number("+14034932232")), "phone_number");
    assert_eq!(refused(domain.register("4034932232 x5", "US", "1234", "x")), "phone_number");
}

#[tokio::test]
async fn sends_valid_text_unchanged() {
    let server = MockServer::start().await;
    let user = server.kandy.user_with_token("UAT-token");
    let text = "emoji 👋, & = # ? % + \u{202e}right to left\u{0}\n\"quoted\" ../..";
    user.device(text).send_sms("+1 (224) 555-6666", text).from(text).await.expect("sent");
    let sent = server.only_request();
    assert_eq!(sent.parameter("device_id"), Some(text));
    let body: serde_json::Value = serde_json::from_slice(&sent.body).expect("JSON");
    assert_eq!(body["message"]["message"]["text"], text);
    assert_eq!(body["message"]["source"], text);
    assert_eq!(body["message"]["destination"], "+12245556666", "without the punctuation of a phone number");
}

#[tokio::test]
async fn deletes_messages_ten_at_a_time() {
    let server = MockServer::start().await;
    let device = server.kandy.user_with_token("UAT-token").device("A149");
    let ids: Vec<_> = (0..25).map(|number| format!("{number:032x}")).collect();
    device.delete_messages(ids.clone()).await.expect("deleted");
    let sent: Vec<Vec<String>> = server
        .requests()
        .iter()
        .map(|request| serde_json::from_str(request.parameter("messages").expect("ids")).expect("a JSON array"))
        .collect();
    assert_eq!(sent.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 5]);
    assert_eq!(sent.concat(), ids);
}
