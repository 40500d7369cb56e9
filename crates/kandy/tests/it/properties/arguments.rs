//! The text arguments of all builders, and the place of each in the request.

use std::pin::Pin;

use futures_util::stream;
use kandy::{
    AddressBookEntry, Attachment, Bulk, ContentType, GroupImage, Kandy, MessageContent, NationalNumber, NewHuntGroup,
    NewUser, NumberingPlan, PhoneNumber, Result, Sms, UploadedContent,
};
use serde_json::Value;

use crate::support::{
    handles::{account, conversation, device, domain, group, hunt_group, session, user},
    mock_server::RecordedRequest,
};

/// Where an argument is in a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A parameter of the query.
    Query(&'static str),
    /// The first item of a JSON list in a parameter of the query.
    First(&'static str),
    /// A member of the body.
    Body(&'static str),
    /// The name of a member of an object in the body.
    Name(&'static str),
    /// The file name in the multipart form.
    FileName,
    /// The bytes of the file in the multipart form.
    FileBytes,
    /// A member of the body, as a phone number in international form.
    International(&'static str),
    /// A member of the body: a phone number in international form, any other text unchanged.
    Source(&'static str),
    /// A member of the body, as a number of the United States without the country code.
    National(&'static str),
    /// A parameter of the query, as the digits alone.
    Digits(&'static str),
    /// The country of the phone number that is a member of the body.
    Country(&'static str),
}
use Place::{Body, Country, Digits, FileBytes, FileName, First, International, Name, National, Query, Source};

impl Place {
    /// Whether the request has the text in this place.
    pub(crate) fn has(self, request: &RecordedRequest, text: &str) -> bool {
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
            FileName => {
                let escaped = text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
                String::from_utf8_lossy(&request.body).contains(&format!("; filename=\"{escaped}\"\r\n"))
            }
            FileBytes => String::from_utf8_lossy(&request.body).contains(&format!("\r\n\r\n{text}\r\n--")),
            International(at) => {
                let number: PhoneNumber = text.parse().expect("it was sent");
                body().pointer(at).and_then(Value::as_str) == Some(number.as_str())
            }
            Source(at) => match text.parse::<PhoneNumber>() {
                Ok(_) if text.chars().filter(char::is_ascii_digit).count() > 6 => International(at).has(request, text),
                _ => Body(at).has(request, text),
            },
            National(at) => {
                let plan = NumberingPlan::find("US").expect("a country");
                let number = NationalNumber::parse(text, plan).expect("it was sent");
                body().pointer(at).and_then(Value::as_str) == Some(number.as_str())
            }
            Digits(name) => parameters(name) == [text.chars().filter(char::is_ascii_digit).collect::<String>()],
            Country(at) => {
                let plan = NumberingPlan::of_country(text).expect("it was sent");
                let code = format!("+{}", plan.country_code());
                body().pointer(at).and_then(Value::as_str).is_some_and(|number| number.starts_with(&code))
            }
            Name(at) => body().pointer(at).and_then(|object| object.get(text)).is_some(),
        }
    }
}

/// The future of a call.
type Call = Pin<Box<dyn Future<Output = Result<()>>>>;

/// A text argument.
pub(crate) struct Argument {
    /// The function and the argument, as in the source.
    pub(crate) name: &'static str,
    /// The operation that it is sent with.
    pub(crate) operation: &'static str,
    /// The name of the argument in the error that refuses it.
    pub(crate) refused_as: &'static str,
    /// Where the request has it.
    pub(crate) place: Place,
    /// Makes the call with a text.
    pub(crate) call: fn(Kandy, String) -> Call,
}

/// Builds the table [`ARGUMENTS`].
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
const HUNT_GROUP: NewHuntGroup<'static> =
    NewHuntGroup { name: "a", kind: "b", pilot_uri_address: "c", overflow_dest: "d", anonymous_uri: "e" };

/// Returns the first result of a bulk call.
async fn first<I: Send + 'static, O: Send + 'static>(mut many: Bulk<I, O>) -> Result<O> {
    many.next().await.expect("an outcome").result
}

/// Returns an empty stream of bytes.
fn no_chunks() -> stream::Empty<std::io::Result<&'static [u8]>> {
    stream::empty()
}

/// Returns uploaded content.
fn uploaded(content_id: &str, file_name: &str, mime_type: &str) -> UploadedContent {
    UploadedContent::new(content_id, file_name, mime_type)
}

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
    "create_users.users" "user_create" "user_id" Body("/user_id"), |k, t| first(domain(&k).create_users([t]));
    "new.user_id" "user_create" "user_id" Body("/user_id"), |k, t| first(domain(&k).create_users([NewUser::new(t)]));
    "country_code.country_code" "user_create" "country_code" Body("/user_country_code"), |k, t| domain(&k).create_user("russ").country_code(t);
    "first_name.first_name" "user_create" "first_name" Body("/user_first_name"), |k, t| domain(&k).create_user("russ").first_name(t);
    "last_name.last_name" "user_create" "last_name" Body("/user_last_name"), |k, t| domain(&k).create_user("russ").last_name(t);
    "email.email" "user_create" "email" Body("/user_email"), |k, t| domain(&k).create_user("russ").email(t);
    "password.password" "user_create" "password" Body("/user_password"), |k, t| domain(&k).create_user("russ").password(t);
    "create_user_by_phone.phone_number" "user_create_by_phone_number" "phone_number" National("/user_phone_number"), |k, t| domain(&k).create_user_by_phone(t, "US");
    "create_user_by_phone.country_code" "user_create_by_phone_number" "country_code" Body("/user_country_code"), |k, t| domain(&k).create_user_by_phone("3524096582", t);
    "first_name.first_name" "user_create_by_phone_number" "first_name" Body("/user_first_name"), |k, t| domain(&k).create_user_by_phone("3524096582", "US").first_name(t);
    "last_name.last_name" "user_create_by_phone_number" "last_name" Body("/user_last_name"), |k, t| domain(&k).create_user_by_phone("3524096582", "US").last_name(t);
    "email.email" "user_create_by_phone_number" "email" Body("/user_email"), |k, t| domain(&k).create_user_by_phone("3524096582", "US").email(t);
    "password.password" "user_create_by_phone_number" "password" Body("/user_password"), |k, t| domain(&k).create_user_by_phone("3524096582", "US").password(t);
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
    "device.device_id" "sms_send" "device_id" Query("device_id"), |k, t| user(&k).device(t).send_sms("+12245556666", "x");
    "delete_messages.messages" "message_delete" "messages" First("messages"), |k, t| device(&k).delete_messages([t]);
    "send_message.to" "message_send" "to" Body("/message/destination"), |k, t| device(&k).send_message(t, "x");
    "send_message.content" "message_send" "content" Body("/message/message/text"), |k, t| device(&k).send_message(TO, t);
    "plain.text" "message_send" "content" Body("/message/message/text"), |k, t| device(&k).send_message(TO, MessageContent::plain(t));
    "new.content_type" "message_send" "content" Body("/message/contentType"), |k, t| device(&k).send_message(TO, MessageContent::new(t, "a/b"));
    "new.mime_type" "message_send" "content" Body("/message/message/mimeType"), |k, t| device(&k).send_message(TO, MessageContent::new(ContentType::Text, t));
    "field.name" "message_send" "content" Name("/message/message"), |k, t| device(&k).send_message(TO, MessageContent::plain("x").field(t, 1));
    "field.value" "message_send" "content" Body("/message/message/a"), |k, t| device(&k).send_message(TO, MessageContent::plain("x").field("a", t));
    "message_id.message_id" "message_send" "message_id" Body("/message/UUID"), |k, t| device(&k).send_message(TO, "x").message_id(t);
    "new.content_id" "message_send" "content" Body("/message/message/content_uuid"), |k, t| device(&k).send_message(TO, MessageContent::image(&uploaded(&t, "a", "b")));
    "new.file_name" "message_send" "content" Body("/message/message/content_name"), |k, t| device(&k).send_message(TO, MessageContent::file(&uploaded("5c", &t, "b")));
    "new.mime_type" "message_send" "content" Body("/message/message/mimeType"), |k, t| device(&k).send_message(TO, MessageContent::audio(&uploaded("5c", "a", &t)));
    "contact.display_name" "message_send" "content" Body("/message/message/contact_display_name"), |k, t| device(&k).send_message(TO, MessageContent::contact(&uploaded("5c", "a", "b"), t));
    "send_sms.to" "sms_send" "to" International("/message/destination"), |k, t| device(&k).send_sms(t, "x");
    "send_many_sms.sms" "sms_send" "to" International("/message/destination"), |k, t| first(device(&k).send_many_sms([Sms::new(t, "x")]));
    "new.to" "sms_send" "to" International("/message/destination"), |k, t| first(device(&k).send_many_sms([Sms::new(t, "x")]));
    "new.text" "sms_send" "text" Body("/message/message/text"), |k, t| first(device(&k).send_many_sms([Sms::new("+12245556666", t)]));
    "send_sms.text" "sms_send" "text" Body("/message/message/text"), |k, t| device(&k).send_sms("+12245556666", t);
    "default_country.country" "sms_send" "default_country" Country("/message/destination"), |k, t| device(&k).send_sms("(224) 555-6666", "x").default_country(t);
    "from.source" "sms_send" "from" Source("/message/source"), |k, t| device(&k).send_sms("+12245556666", "x").from(t);
    "device.device_id" "content_upload" "device_id" Query("device_id"), |k, t| user(&k).device(t).upload(Attachment::new("a.txt", "a"));
    "device.device_id" "content_download" "device_id" Query("device_id"), |k, t| user(&k).device(t).download(ID);
    "device.device_id" "content_thumbnail_download" "device_id" Query("device_id"), |k, t| user(&k).device(t).thumbnail(ID, "large");
    "new.file_name" "content_upload" "file_name" FileName, |k, t| device(&k).upload(Attachment::new(t, "a").mime_type("a/b"));
    "new.bytes" "content_upload" "bytes" FileBytes, |k, t| device(&k).upload(Attachment::new("a.txt", t));
    "stream.file_name" "content_upload" "file_name" FileName, |k, t| device(&k).upload(Attachment::stream(t, Some(0), no_chunks()).mime_type("a/b"));
    "mime_type.mime_type" "content_upload" "mime_type" Query("content_type"), |k, t| device(&k).upload(Attachment::new("a.txt", "a").mime_type(t));
    "content_id.content_id" "content_upload" "content_id" Query("content_uuid"), |k, t| device(&k).upload(Attachment::new("a.txt", "a")).content_id(t);
    "download.content_id" "content_download" "content_id" Query("content_uuid"), |k, t| device(&k).download(t);
    "thumbnail.content_id" "content_thumbnail_download" "content_id" Query("content_uuid"), |k, t| device(&k).thumbnail(t, "large");
    "thumbnail.size" "content_thumbnail_download" "size" Query("thumbnail_size"), |k, t| device(&k).thumbnail(ID, t);

    "user_with_token.access_token" "group_list" "access_token" Query("key"), |k, t| k.user_with_token(t).groups();
    "create_group.name" "group_create" "name" Body("/group_name"), |k, t| user(&k).create_group(t);
    "new.content_id" "group_create" "image" Body("/group_image/content_uuid"), |k, t| user(&k).create_group("a").image(GroupImage::from(&uploaded(&t, "a", "b")));
    "new.file_name" "group_create" "image" Body("/group_image/content_name"), |k, t| user(&k).create_group("a").image(GroupImage::from(&uploaded("5c", &t, "b")));
    "group.group_id" "group_get" "group_id" Query("group_id"), |k, t| user(&k).group(t).details();
    "group.group_id" "group_update" "group_id" Body("/group_id"), |k, t| user(&k).group(t).update().name("a");
    "name.name" "group_update" "name" Body("/group_name"), |k, t| group(&k).update().name(t);
    "new.content_id" "group_update" "image" Body("/group_image/content_uuid"), |k, t| group(&k).update().image(GroupImage::from(&uploaded(&t, "a", "b")));
    "group.group_id" "group_delete" "group_id" Query("group_id"), |k, t| user(&k).group(t).delete();
    "group.group_id" "group_member_add" "group_id" Query("group_id"), |k, t| user(&k).group(t).add_members([TO]);
    "add_members.members" "group_member_add" "members" Body("/members/0"), |k, t| group(&k).add_members([t]);
    "group.group_id" "group_member_remove" "group_id" Query("group_id"), |k, t| user(&k).group(t).remove_members([TO]);
    "remove_members.members" "group_member_remove" "members" First("members"), |k, t| group(&k).remove_members([t]);
    "group.group_id" "group_leave" "group_id" Query("group_id"), |k, t| user(&k).group(t).leave();
    "group.group_id" "group_mute" "group_id" Query("group_id"), |k, t| user(&k).group(t).mute();
    "group.group_id" "group_mute" "group_id" Query("group_id"), |k, t| user(&k).group(t).unmute();
    "group.group_id" "group_member_mute" "group_id" Body("/group_id"), |k, t| user(&k).group(t).mute_members([TO]);
    "mute_members.members" "group_member_mute" "members" Body("/members/0"), |k, t| group(&k).mute_members([t]);
    "unmute_members.members" "group_member_mute" "members" Body("/members/0"), |k, t| group(&k).unmute_members([t]);
    "group.group_id" "group_message_send" "group_id" Body("/message/group_id"), |k, t| user(&k).group(t).send_message("x");
    "send_message.content" "group_message_send" "content" Body("/message/message/text"), |k, t| group(&k).send_message(t);
    "message_id.message_id" "group_message_send" "message_id" Body("/message/UUID"), |k, t| group(&k).send_message("x").message_id(t);

    "session_type.session_type" "session_create" "session_type" Body("/session_type"), |k, t| user(&k).create_session().session_type(t);
    "name.name" "session_create" "name" Body("/session_name"), |k, t| user(&k).create_session().name(t);
    "description.description" "session_create" "description" Body("/session_description"), |k, t| user(&k).create_session().description(t);
    "nickname.nickname" "session_create" "nickname" Body("/user_nickname"), |k, t| user(&k).create_session().nickname(t);
    "first_name.first_name" "session_create" "first_name" Body("/user_first_name"), |k, t| user(&k).create_session().first_name(t);
    "last_name.last_name" "session_create" "last_name" Body("/user_last_name"), |k, t| user(&k).create_session().last_name(t);
    "phone_number.phone_number" "session_create" "phone_number" Body("/user_phone_number"), |k, t| user(&k).create_session().phone_number(t);
    "email.email" "session_create" "email" Body("/user_email"), |k, t| user(&k).create_session().email(t);
    "session.session_id" "session_get" "session_id" Query("session_id"), |k, t| user(&k).session(t).details();
    "session_by_name.name" "session_get_by_name" "name" Query("session_name"), |k, t| user(&k).session_by_name(t);
    "session_type.session_type" "session_list" "session_type" Query("session_type"), |k, t| user(&k).sessions().session_type(t);
    "sessions_by_type.session_type" "session_list_by_type" "session_type" Query("session_type"), |k, t| user(&k).sessions_by_type(t);
    "session.session_id" "session_start" "session_id" Body("/session_id"), |k, t| user(&k).session(t).start();
    "session.session_id" "session_stop" "session_id" Body("/session_id"), |k, t| user(&k).session(t).stop();
    "session.session_id" "session_delete" "session_id" Body("/session_id"), |k, t| user(&k).session(t).delete();
    "session.session_id" "session_join" "session_id" Body("/session_id"), |k, t| user(&k).session(t).join();
    "session.session_id" "session_leave" "session_id" Body("/session_id"), |k, t| user(&k).session(t).leave();
    "session.session_id" "session_participant_accept" "session_id" Body("/session_id"), |k, t| user(&k).session(t).accept(TO);
    "session.session_id" "session_participant_reject" "session_id" Body("/session_id"), |k, t| user(&k).session(t).reject(TO);
    "session.session_id" "session_participant_boot" "session_id" Body("/session_id"), |k, t| user(&k).session(t).boot(TO);
    "nickname.nickname" "session_join" "nickname" Body("/user_nickname"), |k, t| session(&k).join().nickname(t);
    "first_name.first_name" "session_join" "first_name" Body("/user_first_name"), |k, t| session(&k).join().first_name(t);
    "last_name.last_name" "session_join" "last_name" Body("/user_last_name"), |k, t| session(&k).join().last_name(t);
    "phone_number.phone_number" "session_join" "phone_number" Body("/user_phone_number"), |k, t| session(&k).join().phone_number(t);
    "email.email" "session_join" "email" Body("/user_email"), |k, t| session(&k).join().email(t);
    "reason.reason" "session_leave" "reason" Body("/leave_reason"), |k, t| session(&k).leave().reason(t);
    "accept.full_user_id" "session_participant_accept" "full_user_id" Body("/full_user_id"), |k, t| session(&k).accept(t);
    "reject.full_user_id" "session_participant_reject" "full_user_id" Body("/full_user_id"), |k, t| session(&k).reject(t);
    "boot.full_user_id" "session_participant_boot" "full_user_id" Body("/full_user_id"), |k, t| session(&k).boot(t);
    "reason.reason" "session_participant_reject" "reason" Body("/reject_reason"), |k, t| session(&k).reject(TO).reason(t);
    "reason.reason" "session_participant_boot" "reason" Body("/boot_reason"), |k, t| session(&k).boot(TO).reason(t);
    "user_with_token.access_token" "session_list_by_creator" "access_token" Query("key"), |k, t| k.user_with_token(t).own_sessions();
    "domain_with_token.access_token" "domain_limited_get" "access_token" Query("key"), |k, t| k.domain_with_token("DAK", t).limited_details();
    "domain_with_token.access_token" "anonymous_user_get" "access_token" Query("key"), |k, t| k.domain_with_token("DAK", t).anonymous_user();
    "domain_with_token.api_key" "anonymous_user_get_by_api_key" "api_key" Query("key"), |k, t| k.domain_with_token(t, "DAT").anonymous_user_by_api_key();
    "domain_with_token.access_token" "country_code_get" "access_token" Query("key"), |k, t| k.domain_with_token("DAK", t).country_codes();
    "mcc.mcc" "country_code_get" "mcc" Query("MCC"), |k, t| domain(&k).country_codes().mcc(t);
    "domain_with_token.access_token" "domain_spidr_configuration_get" "access_token" Query("key"), |k, t| k.domain_with_token("DAK", t).spidr_configuration();

    "domain_with_token.access_token" "hunt_group_list" "access_token" Query("key"), |k, t| k.domain_with_token("DAK", t).hunt_groups();
    "NewHuntGroup.name" "hunt_group_create" "name" Body("/huntgroup_name"), |k, t| domain(&k).create_hunt_group(NewHuntGroup { name: &t, ..HUNT_GROUP });
    "NewHuntGroup.kind" "hunt_group_create" "kind" Body("/huntgroup_type"), |k, t| domain(&k).create_hunt_group(NewHuntGroup { kind: &t, ..HUNT_GROUP });
    "NewHuntGroup.pilot_uri_address" "hunt_group_create" "pilot_uri_address" Body("/pilot_uri_address"), |k, t| domain(&k).create_hunt_group(NewHuntGroup { pilot_uri_address: &t, ..HUNT_GROUP });
    "NewHuntGroup.overflow_dest" "hunt_group_create" "overflow_dest" Body("/overflow_dest"), |k, t| domain(&k).create_hunt_group(NewHuntGroup { overflow_dest: &t, ..HUNT_GROUP });
    "NewHuntGroup.anonymous_uri" "hunt_group_create" "anonymous_uri" Body("/anonymous_uri"), |k, t| domain(&k).create_hunt_group(NewHuntGroup { anonymous_uri: &t, ..HUNT_GROUP });
    "hunt_group.name" "hunt_group_delete" "name" Query("huntgroup_name"), |k, t| domain(&k).hunt_group(t).delete();
    "hunt_group.name" "hunt_group_user_list" "name" Query("huntgroup_name"), |k, t| domain(&k).hunt_group(t).users();
    "hunt_group.name" "hunt_group_user_add" "name" Body("/huntgroup_name"), |k, t| domain(&k).hunt_group(t).add_user("russ");
    "add_user.user_name" "hunt_group_user_add" "user_name" Body("/user_name"), |k, t| hunt_group(&k).add_user(t);
    "hunt_group.name" "hunt_group_user_remove" "name" Query("huntgroup_name"), |k, t| domain(&k).hunt_group(t).remove_user("russ");
    "remove_user.user_name" "hunt_group_user_remove" "user_name" Query("user_name"), |k, t| hunt_group(&k).remove_user(t);
    "hunt_group.name" "hunt_group_admin_list" "name" Query("huntgroup_name"), |k, t| domain(&k).hunt_group(t).admins();
    "hunt_group.name" "hunt_group_admin_add" "name" Body("/huntgroup_name"), |k, t| domain(&k).hunt_group(t).add_admin("russ");
    "add_admin.admin_name" "hunt_group_admin_add" "admin_name" Body("/admin_name"), |k, t| hunt_group(&k).add_admin(t);
    "hunt_group.name" "hunt_group_admin_remove" "name" Query("huntgroup_name"), |k, t| domain(&k).hunt_group(t).remove_admin("russ");
    "remove_admin.admin_name" "hunt_group_admin_remove" "admin_name" Query("admin_name"), |k, t| hunt_group(&k).remove_admin(t);

    "send_verification_code.phone_number" "verification_code_send" "phone_number" National("/user_phone_number"), |k, t| domain(&k).send_verification_code(t, "US");
    "send_verification_code.country_code" "verification_code_send" "country_code" Body("/user_country_code"), |k, t| domain(&k).send_verification_code("4034932232", t);
    "check_verification_code.code" "verification_code_check" "code" Query("validation_code"), |k, t| domain(&k).check_verification_code(t);
    "phone_number.phone_number" "verification_code_check" "phone_number" Digits("user_phone_number"), |k, t| domain(&k).check_verification_code("1").phone_number(t);
    "country_code.country_code" "verification_code_check" "country_code" Query("user_country_code"), |k, t| domain(&k).check_verification_code("1").country_code(t);
    "register.phone_number" "registration_create" "phone_number" National("/user_phone_number"), |k, t| domain(&k).register(t, "US", "1", "2");
    "register.country_code" "registration_create" "country_code" Body("/user_country_code"), |k, t| domain(&k).register("4034932232", t, "1", "2");
    "register.validation_code" "registration_create" "validation_code" Body("/validation_code"), |k, t| domain(&k).register("4034932232", "US", t, "2");
    "register.device_native_id" "registration_create" "device_native_id" Body("/device_native_id"), |k, t| domain(&k).register("4034932232", "US", "1", t);
    "client_sw_version.client_sw_version" "registration_create" "client_sw_version" Query("client_sw_version"), |k, t| domain(&k).register("4034932232", "US", "1", "2").client_sw_version(t);
    "client_sw_type.client_sw_type" "registration_create" "client_sw_type" Query("client_sw_type"), |k, t| domain(&k).register("4034932232", "US", "1", "2").client_sw_type(t);
    "domain.api_key" "configuration_get" "api_key" Query("key"), |k, t| k.domain(t, "DAS").configuration();
    "domain.api_secret" "configuration_get" "api_secret" Query("domain_api_secret"), |k, t| k.domain("DAK", t).configuration();
    "user_with_token.access_token" "conversation_list" "access_token" Query("key"), |k, t| k.user_with_token(t).conversations();
    "delete_conversations.conversations" "conversation_delete" "conversations" First("conversations"), |k, t| user(&k).delete_conversations([t]);
    "conversation.conversation_id" "conversation_delete" "conversations" First("conversations"), |k, t| user(&k).conversation(t).delete();
    "conversation.conversation_id" "conversation_message_list" "conversation_id" Query("conversation_id"), |k, t| user(&k).conversation(t).messages();
    "conversation.conversation_id" "conversation_message_delete" "conversation_id" Query("conversation_id"), |k, t| user(&k).conversation(t).delete_messages([ID]);
    "delete_messages.messages" "conversation_message_delete" "messages" First("messages"), |k, t| conversation(&k).delete_messages([t]);
    "wake_up.to" "event_send" "to" Body("/message/destination"), |k, t| user(&k).wake_up(t);
    "message_id.message_id" "event_send" "message_id" Body("/message/UUID"), |k, t| user(&k).wake_up(TO).message_id(t);
}
