//! The arguments of all builders that are texts, and where each of them is sent.

use std::pin::Pin;

use kandy::{AddressBookEntry, ContentType, Kandy, MessageContent, Result};
use serde_json::Value;

use crate::support::{
    Recorded,
    handles::{account, device, domain, group, user},
};

/// Where an argument is in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A parameter of the query.
    Query(&'static str),
    /// The first of the list that is a parameter of the query.
    First(&'static str),
    /// A member of the body.
    Body(&'static str),
    /// The name of a member of an object in the body.
    Name(&'static str),
}
use Place::{Body, First, Name, Query};

impl Place {
    /// Whether the argument is there, as it was given.
    pub(crate) fn has(self, request: &Recorded, text: &str) -> bool {
        let body = || serde_json::from_slice::<Value>(&request.body).expect("JSON");
        let parameters = |name: &str| -> Vec<String> {
            request.query.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone()).collect()
        };
        match self {
            Query(name) => parameters(name) == [text],
            First(name) => match &parameters(name)[..] {
                [list] => serde_json::from_str::<Vec<String>>(list).expect("a list") == [text],
                _ => false,
            },
            Body(at) => body().pointer(at).and_then(Value::as_str) == Some(text),
            Name(at) => body().pointer(at).and_then(|object| object.get(text)).is_some(),
        }
    }
}

/// A call that is on its way.
type Call = Pin<Box<dyn Future<Output = Result<()>>>>;

/// An argument of text.
pub(crate) struct Argument {
    /// The function and the argument, as in the source.
    pub(crate) name: &'static str,
    /// The operation that it is sent with.
    pub(crate) operation: &'static str,
    /// What a refusal calls it.
    pub(crate) refused_as: &'static str,
    pub(crate) place: Place,
    pub(crate) call: fn(Kandy, String) -> Call,
}

macro_rules! arguments {
    ($($name:literal $operation:literal $refused_as:literal $place:expr, |$kandy:ident, $text:ident| $call:expr;)*) => {
        pub(crate) const ARGUMENTS: &[Argument] = &[$(Argument {
            name: $name,
            operation: $operation,
            refused_as: $refused_as,
            place: $place,
            call: |$kandy, $text| Box::pin(async move { $call.await.map(drop) }),
        },)*];
    };
}

const ID: &str = "abc2fa752c3c4edf97de8b0a12f622f0";
const TO: &str = "anna@example.com";

#[rustfmt::skip] // A table.
arguments! {
    "account.api_key" "account_access_token_get" "api_key" Query("key"), |k, t| k.account(t, "AAS").access_token();
    "account.api_secret" "account_access_token_get" "api_secret" Query("account_api_secret"), |k, t| k.account("AAK", t).access_token();
    "token.token" "account_access_token_delete" "token" Query("account_access_token"), |k, t| k.account("AAK", "AAS").revoke_access_token().token(t);
    "account_with_token.access_token" "domain_list" "access_token" Query("key"), |k, t| k.account_with_token(t).domains();
    "create_domain.domain_name" "domain_create" "domain_name" Body("/domain_name"), |k, t| account(&k).create_domain(t);
    "project_name.project_name" "domain_create" "project_name" Body("/project_name"), |k, t| account(&k).create_domain("a").project_name(t);
    "delete_domain.domain_api_key" "domain_delete" "domain_api_key" Query("domain_api_key"), |k, t| account(&k).delete_domain(t);

    "domain.api_key" "domain_access_token_get" "api_key" Query("key"), |k, t| k.domain(t, "DAS").access_token();
    "domain.api_secret" "domain_access_token_get" "api_secret" Query("domain_api_secret"), |k, t| k.domain("DAK", t).access_token();
    "token.token" "domain_access_token_delete" "token" Query("domain_access_token"), |k, t| k.domain("DAK", "DAS").revoke_access_token().token(t);
    "domain_with_token.access_token" "user_list" "access_token" Query("key"), |k, t| k.domain_with_token("DAK", t).users();
    "domain_with_token.api_key" "domain_get" "api_key" Query("domain_api_key"), |k, t| k.domain_with_token(t, "DAT").details();
    "create_user.user_id" "user_create" "user_id" Body("/user_id"), |k, t| domain(&k).create_user(t);
    "country_code.country_code" "user_create" "country_code" Body("/user_country_code"), |k, t| domain(&k).create_user("russ").country_code(t);
    "first_name.first_name" "user_create" "first_name" Body("/user_first_name"), |k, t| domain(&k).create_user("russ").first_name(t);
    "last_name.last_name" "user_create" "last_name" Body("/user_last_name"), |k, t| domain(&k).create_user("russ").last_name(t);
    "email.email" "user_create" "email" Body("/user_email"), |k, t| domain(&k).create_user("russ").email(t);
    "password.password" "user_create" "password" Body("/user_password"), |k, t| domain(&k).create_user("russ").password(t);
    "create_user_by_phone.phone_number" "user_create_by_phone_number" "phone_number" Body("/user_phone_number"), |k, t| domain(&k).create_user_by_phone(t, "US");
    "create_user_by_phone.country_code" "user_create_by_phone_number" "country_code" Body("/user_country_code"), |k, t| domain(&k).create_user_by_phone("1", t);
    "first_name.first_name" "user_create_by_phone_number" "first_name" Body("/user_first_name"), |k, t| domain(&k).create_user_by_phone("1", "US").first_name(t);
    "last_name.last_name" "user_create_by_phone_number" "last_name" Body("/user_last_name"), |k, t| domain(&k).create_user_by_phone("1", "US").last_name(t);
    "email.email" "user_create_by_phone_number" "email" Body("/user_email"), |k, t| domain(&k).create_user_by_phone("1", "US").email(t);
    "password.password" "user_create_by_phone_number" "password" Body("/user_password"), |k, t| domain(&k).create_user_by_phone("1", "US").password(t);
    "delete_user.user_api_key" "user_delete" "user_api_key" Query("user_api_key"), |k, t| domain(&k).delete_user(t);
    "delete_user_by_password.user_id" "user_delete" "user_id" Query("user_id"), |k, t| domain(&k).delete_user_by_password(t, "x");
    "delete_user_by_password.password" "user_delete" "password" Query("user_password"), |k, t| domain(&k).delete_user_by_password("russ", t);
    "user_details.user_api_key" "user_get" "user_api_key" Query("user_api_key"), |k, t| domain(&k).user_details(t);
    "user_details_by_token.user_access_token" "user_get" "user_access_token" Query("user_access_token"), |k, t| domain(&k).user_details_by_token(t);

    "user.user_id" "user_access_token_get" "user_id" Query("user_id"), |k, t| k.domain("DAK", "DAS").user(t).access_token();
    "domain.api_key" "user_access_token_get" "domain_api_key" Query("key"), |k, t| k.domain(t, "DAS").user("russ").access_token();
    "domain.api_secret" "user_access_token_get" "domain_api_secret" Query("domain_api_secret"), |k, t| k.domain("DAK", t).user("russ").access_token();
    "user_with_password.domain_api_key" "user_access_token_get" "domain_api_key" Query("key"), |k, t| k.user_with_password(t, "russ", "x").access_token();
    "user_with_password.user_id" "user_access_token_get" "user_id" Query("user_id"), |k, t| k.user_with_password("DAK", t, "x").access_token();
    "user_with_password.password" "user_access_token_get" "password" Query("user_password"), |k, t| k.user_with_password("DAK", "russ", t).access_token();
    "user_with_token.access_token" "device_list" "access_token" Query("key"), |k, t| k.user_with_token(t).devices();
    "token.token" "user_access_token_delete" "token" Query("user_access_token"), |k, t| k.user_with_password("DAK", "russ", "x").revoke_access_token().token(t);
    "password.password" "user_access_token_delete" "password" Query("user_password"), |k, t| k.domain("DAK", "DAS").user("russ").revoke_access_token().token("UAT").password(t);
    "user_with_password.domain_api_key" "user_access_token_delete" "domain_api_key" Query("key"), |k, t| k.user_with_password(t, "russ", "x").revoke_access_token().token("UAT");
    "user_with_password.user_id" "user_access_token_delete" "user_id" Query("user_id"), |k, t| k.user_with_password("DAK", t, "x").revoke_access_token().token("UAT");
    "user_with_password.password" "user_access_token_delete" "password" Query("user_password"), |k, t| k.user_with_password("DAK", "russ", t).revoke_access_token().token("UAT");
    "user_with_token.access_token" "user_limited_get" "access_token" Query("key"), |k, t| k.user_with_token(t).limited_details();
    "user_with_token.access_token" "data_channel_configuration_get" "access_token" Query("key"), |k, t| k.user_with_token(t).data_channel_configuration();
    "user_with_token.access_token" "user_spidr_configuration_get" "access_token" Query("key"), |k, t| k.user_with_token(t).spidr_configuration();
    "user_with_token.access_token" "billing_status_get" "access_token" Query("key"), |k, t| k.user_with_token(t).billing_status();
    "rollover_group.group_name" "rollover_group_get" "group_name" Query("group_name"), |k, t| user(&k).rollover_group(t);
    "normalize_phone_number.phone_number" "phone_number_normalize" "phone_number" Query("phone_number"), |k, t| user(&k).normalize_phone_number(t, "US");
    "normalize_phone_number.country_code" "phone_number_normalize" "country_code" Query("country_code"), |k, t| user(&k).normalize_phone_number("1", t);
    "profile.user_id" "user_profile_get" "user_id" Query("user_id"), |k, t| user(&k).profile(t, "example.com");
    "profile.domain_name" "user_profile_get" "domain_name" Query("domain_name"), |k, t| user(&k).profile("anna", t);
    "first_name.first_name" "user_profile_set" "first_name" Query("first_name"), |k, t| user(&k).set_profile().first_name(t);
    "last_name.last_name" "user_profile_set" "last_name" Query("last_name"), |k, t| user(&k).set_profile().last_name(t);
    "status_text.status_text" "user_profile_set" "status_text" Query("status_text"), |k, t| user(&k).set_profile().status_text(t);
    "image_details.image_details" "user_profile_set" "image_details" Query("image_details"), |k, t| user(&k).set_profile().image_details(t);
    "user_data.user_data" "user_profile_set" "user_data" Query("user_data"), |k, t| user(&k).set_profile().user_data(t);

    "user_with_token.access_token" "personal_contact_list" "access_token" Query("key"), |k, t| k.user_with_token(t).contacts();
    "create_contact.user_name" "personal_contact_create" "user_name" Body("/contact/contact_user_name"), |k, t| user(&k).create_contact(t, "x");
    "create_contact.nickname" "personal_contact_create" "nickname" Body("/contact/contact_nickname"), |k, t| user(&k).create_contact(TO, t);
    "first_name.first_name" "personal_contact_create" "first_name" Body("/contact/contact_first_name"), |k, t| user(&k).create_contact(TO, "x").first_name(t);
    "last_name.last_name" "personal_contact_create" "last_name" Body("/contact/contact_last_name"), |k, t| user(&k).create_contact(TO, "x").last_name(t);
    "home_phone.home_phone" "personal_contact_create" "home_phone" Body("/contact/contact_home_phone"), |k, t| user(&k).create_contact(TO, "x").home_phone(t);
    "mobile_number.mobile_number" "personal_contact_create" "mobile_number" Body("/contact/contact_mobile_number"), |k, t| user(&k).create_contact(TO, "x").mobile_number(t);
    "business_number.business_number" "personal_contact_create" "business_number" Body("/contact/contact_business_number"), |k, t| user(&k).create_contact(TO, "x").business_number(t);
    "fax.fax" "personal_contact_create" "fax" Body("/contact/contact_fax"), |k, t| user(&k).create_contact(TO, "x").fax(t);
    "email.email" "personal_contact_create" "email" Body("/contact/contact_email"), |k, t| user(&k).create_contact(TO, "x").email(t);
    "delete_contact.contact_id" "personal_contact_delete" "contact_id" Query("contact_id"), |k, t| user(&k).delete_contact(t);
    "device_id.device_id" "user_device_address_book_get" "device_id" Query("device_id"), |k, t| user(&k).device_address_book().device_id(t);

    "user_with_token.access_token" "directory_list" "access_token" Query("key"), |k, t| k.user_with_token(t).directory();
    "search_directory.text" "directory_search" "text" Query("search_string"), |k, t| user(&k).search_directory(t);
    "search_directory_by_name.name" "directory_search_by_name" "name" Query("search_string"), |k, t| user(&k).search_directory_by_name(t);
    "search_directory_by_phone_number.phone_number" "directory_search_by_phone_number" "phone_number" Query("search_string"), |k, t| user(&k).search_directory_by_phone_number(t);
    "search_directory_by_user_id.user_id" "directory_search_by_user_id" "user_id" Query("search_string"), |k, t| user(&k).search_directory_by_user_id(t);

    "last_seen.users" "last_seen_list" "users" First("users"), |k, t| user(&k).last_seen([t]);
    "last_seen.users" "last_seen_list" "users" First("users"), |k, t| domain(&k).last_seen([t]);

    "create_device.native_id" "device_create" "native_id" Body("/device_native_id"), |k, t| user(&k).create_device(t);
    "family.family" "device_create" "family" Body("/device_family"), |k, t| user(&k).create_device("1").family(t);
    "name.name" "device_create" "name" Body("/device_name"), |k, t| user(&k).create_device("1").name(t);
    "os_version.os_version" "device_create" "os_version" Body("/device_os_version"), |k, t| user(&k).create_device("1").os_version(t);
    "client_sw_version.client_sw_version" "device_create" "client_sw_version" Body("/client_sw_version"), |k, t| user(&k).create_device("1").client_sw_version(t);
    "delete_device.device_id" "device_delete" "device_id" Query("device_id"), |k, t| user(&k).delete_device(t);

    "device.device_id" "device_address_book_get" "device_id" Query("device_id"), |k, t| user(&k).device(t).address_book();
    "device.device_id" "device_address_book_upload" "device_id" Query("device_id"), |k, t| user(&k).device(t).upload_address_book([AddressBookEntry::new(["1"])]);
    "device.device_id" "device_address_book_hint_list" "device_id" Query("device_id"), |k, t| user(&k).device(t).address_book_hints();
    "new.numbers" "device_address_book_upload" "contacts" Body("/contacts/0/numbers/0"), |k, t| device(&k).upload_address_book([AddressBookEntry::new([t])]);
    "first_name.first_name" "device_address_book_upload" "first_name" Body("/contacts/0/firstName"), |k, t| device(&k).upload_address_book([AddressBookEntry::new(["1"]).first_name(t)]);
    "last_name.last_name" "device_address_book_upload" "last_name" Body("/contacts/0/lastName"), |k, t| device(&k).upload_address_book([AddressBookEntry::new(["1"]).last_name(t)]);
    "device.device_id" "device_address_book_delete" "device_id" Query("device_id"), |k, t| user(&k).device(t).delete_address_book();
    "device.device_id" "message_list" "device_id" Query("device_id"), |k, t| user(&k).device(t).pending_messages();
    "device.device_id" "message_delete" "device_id" Query("device_id"), |k, t| user(&k).device(t).delete_messages([ID]);
    "device.device_id" "message_send" "device_id" Query("device_id"), |k, t| user(&k).device(t).send_message(TO, "x");
    "device.device_id" "sms_send" "device_id" Query("device_id"), |k, t| user(&k).device(t).send_sms("1", "x");
    "delete_messages.messages" "message_delete" "messages" First("messages"), |k, t| device(&k).delete_messages([t]);
    "send_message.to" "message_send" "to" Body("/message/destination"), |k, t| device(&k).send_message(t, "x");
    "send_message.content" "message_send" "content" Body("/message/message/text"), |k, t| device(&k).send_message(TO, t);
    "plain.text" "message_send" "content" Body("/message/message/text"), |k, t| device(&k).send_message(TO, MessageContent::plain(t));
    "new.content_type" "message_send" "content" Body("/message/contentType"), |k, t| device(&k).send_message(TO, MessageContent::new(t, "a/b"));
    "new.mime_type" "message_send" "content" Body("/message/message/mimeType"), |k, t| device(&k).send_message(TO, MessageContent::new(ContentType::Text, t));
    "field.name" "message_send" "content" Name("/message/message"), |k, t| device(&k).send_message(TO, MessageContent::plain("x").field(t, 1));
    "field.value" "message_send" "content" Body("/message/message/a"), |k, t| device(&k).send_message(TO, MessageContent::plain("x").field("a", t));
    "message_id.message_id" "message_send" "message_id" Body("/message/UUID"), |k, t| device(&k).send_message(TO, "x").message_id(t);
    "send_sms.to" "sms_send" "to" Body("/message/destination"), |k, t| device(&k).send_sms(t, "x");
    "send_sms.text" "sms_send" "text" Body("/message/message/text"), |k, t| device(&k).send_sms("1", t);
    "from.source" "sms_send" "from" Body("/message/source"), |k, t| device(&k).send_sms("1", "x").from(t);
    "group.group_id" "group_get" "group_id" Query("group_id"), |k, t| user(&k).group(t).details();
    "group.group_id" "group_message_send" "group_id" Body("/message/group_id"), |k, t| user(&k).group(t).send_message("x");
    "send_message.content" "group_message_send" "content" Body("/message/message/text"), |k, t| group(&k).send_message(t);
    "message_id.message_id" "group_message_send" "message_id" Body("/message/UUID"), |k, t| group(&k).send_message("x").message_id(t);
}
