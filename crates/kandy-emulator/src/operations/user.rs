//! Operations of the tag User: access tokens, devices, profiles and configuration.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    NationalNumber, NumberingPlan, PhoneNumber,
    types::{
        self, DataChannelConfiguration, DeviceCreated, DeviceList, UserAccessToken, UserLimited, UserLimitedDetails,
    },
};
use serde_json::{Map, Value, json};

use super::{
    authority,
    handler::Handler,
    lookup,
    rules::{check_user_id, has_password, numbering_plan},
    spidr,
};
use crate::{
    protocol::{
        call::Call,
        listing::Progress,
        refusal::{Refusal, invalid, invalid_credentials, unknown},
        reply::{Outcome, Reply},
    },
    state::{Device, DeviceDetails, Profile, State, TokenOwner, UserNo, clock},
};

/// The name of the device that is created with its user.
const FIRST_DEVICE: &str = "default";

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("user_access_token_get", Handler::Anyone(access_token_get)),
    ("user_access_token_delete", Handler::Anyone(access_token_delete)),
    ("user_limited_get", Handler::User(limited_get)),
    ("user_profile_get", Handler::User(profile_get)),
    ("user_profile_set", Handler::User(profile_set)),
    ("phone_number_normalize", Handler::User(phone_number_normalize)),
    ("data_channel_configuration_get", Handler::User(data_channel_configuration_get)),
    ("user_spidr_configuration_get", Handler::User(spidr_configuration_get)),
    ("device_create", Handler::User(device_create)),
    ("device_delete", Handler::User(device_delete)),
    ("device_list", Handler::User(device_list)),
];

fn access_token_get(state: &mut State, call: &Call) -> Outcome {
    let (domain_no, domain) = state.domains.by_key(authority::key(call)?).ok_or_else(invalid_credentials)?;
    let user_id = call.require("user_id")?;
    let (secret, password) = (call.query("domain_api_secret"), call.query("user_password"));
    if secret.is_none() && password.is_none() {
        return Err(call.missing("domain_api_secret or user_password").into());
    }
    check_user_id(user_id)?;
    // One client sends both; both are checked.
    if secret.is_some_and(|secret| !domain.has_secret(secret)) {
        return Err(invalid_credentials().into());
    }
    let no = state.users.by_name(domain_no, user_id).ok_or_else(Refusal::no_such_user)?;
    let user = state.users.get(no).ok_or_else(Refusal::no_such_user)?;
    if password.is_some_and(|password| !has_password(user, password)) {
        return Err(invalid_credentials().into());
    }
    let token = state.mint(TokenOwner::User(no));
    Reply::result(UserAccessToken { user_access_token: Some(token.into()) })
}

/// The only credential that clients send here is the user's password.
fn access_token_delete(state: &mut State, call: &Call) -> Outcome {
    let (domain, _) = state.domains.by_key(authority::key(call)?).ok_or_else(invalid_credentials)?;
    let (user_id, password) = (call.require("user_id")?, call.require("user_password")?);
    let token = call.require("user_access_token")?;
    check_user_id(user_id)?;
    let no = state.users.by_name(domain, user_id).ok_or_else(|| unknown("user"))?;
    if !state.users.get(no).is_some_and(|user| has_password(user, password)) {
        return Err(invalid_credentials().into());
    }
    authority::revoke(state, token, TokenOwner::User(no))
}

fn limited_get(state: &mut State, _: &Call, user: UserNo) -> Outcome {
    let user = state.users.get(user).map(|user| UserLimited {
        user_id: Some(user.user_id().into()),
        domain_name: state.domains.get(user.domain).map(|domain| domain.name.to_string()),
        full_user_id: Some(state.full_user_id(user)),
        user_first_name: user.first_name().map(str::to_owned),
        user_last_name: user.last_name().map(str::to_owned),
        user_email: user.email().map(str::to_owned),
        extra: kandy_sys::ExtraFields::default(),
    });
    Reply::result(UserLimitedDetails { user, extra: kandy_sys::ExtraFields::default() })
}

/// Returns the fields that were set. A user of another domain is reported as unknown.
fn profile_get(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let (user_id, domain_name) = (call.require("user_id")?, call.require("domain_name")?);
    check_user_id(user_id)?;
    let asking = state.users.domain_of(user);
    let domain = state.domains.by_name(domain_name).filter(|(no, _)| Some(*no) == asking);
    let asked = domain.and_then(|(domain, _)| state.users.get(state.users.by_name(domain, user_id)?));
    let profile = asked.ok_or_else(|| unknown("user"))?.profile.as_deref().map(fields).unwrap_or_default();
    Reply::result(profile)
}

/// The fields of a profile under the names under which they are set.
fn fields(profile: &Profile) -> Map<String, Value> {
    let fields = [
        ("first_name", &profile.first_name),
        ("last_name", &profile.last_name),
        ("status_text", &profile.status_text),
        ("image_details", &profile.image_details),
        ("user_data", &profile.user_data),
    ];
    fields.into_iter().filter_map(|(name, field)| Some((name.to_owned(), field.clone()?.into()))).collect()
}

/// A missing field stays as it is; an empty one is cleared.
fn profile_set(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let given = Profile {
        first_name: fields.given("first_name")?,
        last_name: fields.given("last_name")?,
        status_text: fields.given("status_text")?,
        image_details: fields.given("image_details")?,
        user_data: fields.given("user_data")?,
    };
    let profile = state.users.profile_mut(user).ok_or_else(|| unknown("user"))?;
    // Taken, so that kept fields are moved and not cloned.
    let before = std::mem::take(profile);
    *profile = Profile {
        first_name: given.first_name.or(before.first_name),
        last_name: given.last_name.or(before.last_name),
        status_text: given.status_text.or(before.status_text),
        image_details: given.image_details.or(before.image_details),
        user_data: given.user_data.or(before.user_data),
    };
    Reply::done()
}

fn phone_number_normalize(_: &mut State, call: &Call, _: UserNo) -> Outcome {
    let (number, country) = (call.require("phone_number")?, call.require("country_code")?);
    let plan = numbering_plan(country)?;
    let number = international(number, plan).ok_or_else(|| invalid("phone_number"))?;
    Reply::result(json!({"phone_number": number.as_str(), "country_code": plan.country_code()}))
}

/// A number in international form: one that names its country in itself, or a national one of the country, with or
/// without its trunk prefix.
fn international(number: &str, plan: NumberingPlan) -> Option<PhoneNumber> {
    let named = PhoneNumber::parse_with_default(number, plan);
    named.or_else(|_| NationalNumber::parse(number, plan).map(|number| number.international())).ok()
}

/// The emulator itself, at the address that the client reached it at.
fn data_channel_configuration_get(_: &mut State, call: &Call, _: UserNo) -> Outcome {
    let server = call.server_address();
    Reply::result(DataChannelConfiguration {
        data_server_host: Some(server.url_host()),
        data_server_port: Some(i64::from(server.port).into()),
        is_secure: Some(server.is_secure),
        extra: kandy_sys::ExtraFields::default(),
    })
}

fn spidr_configuration_get(_: &mut State, call: &Call, _: UserNo) -> Outcome {
    match call.query("secure") {
        None | Some("true" | "false") => {
            Reply::result(json!({"spidr_configuration": spidr::configuration(&call.server_address())}))
        }
        Some(_) => Err(invalid("secure").into()),
    }
}

fn device_create(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let fields = call.fields()?;
    let details = DeviceDetails {
        native_id: fields.required("device_native_id")?,
        family: fields.optional("device_family")?,
        name: fields.optional("device_name")?,
        client_version: fields.optional("client_sw_version")?,
        os_version: fields.optional("device_os_version")?,
    };
    let id = state.create_device(user, Some(details));
    Reply::result(DeviceCreated { device_id: Some(format!("{id:X}")) })
}

fn device_delete(state: &mut State, call: &Call, user: UserNo) -> Outcome {
    let id = lookup::own_device(state, call, user)?;
    state.devices.remove(id);
    Reply::message("Device Deleted")
}

fn device_list(state: &mut State, _: &Call, user: UserNo) -> Outcome {
    let (mut last, end) = (None, state.devices.last_of(user));
    Reply::list(state, DeviceList { devices: Vec::new() }, move |state, page| {
        let Some(end) = end else { return Progress::Done };
        page.fill(state.devices.of_after(user, last), &mut last, end, |device| Some(describe(device)))
    })
}

/// Describes a device as the live service does.
fn describe(device: &Device) -> types::Device {
    let known = types::Device {
        id: Some(format!("{:X}", device.id)),
        registration_timestamp: Some(clock::timestamp(device.registered)),
        ..types::Device::default()
    };
    match &device.details {
        Some(details) => types::Device {
            native_id: Some(details.native_id.as_ref().into()),
            family: details.family.as_deref().map(str::to_owned),
            name: details.name.as_deref().map(str::to_owned),
            os_version: details.os_version.as_deref().map(Into::into),
            client_version: details.client_version.as_deref().map(|version| without_leading_zeros(version).into()),
            ..known
        },
        None => types::Device { native_id: Some(FIRST_DEVICE.into()), name: Some(FIRST_DEVICE.to_owned()), ..known },
    }
}

/// The service keeps a version that is all digits as a number.
fn without_leading_zeros(version: &str) -> &str {
    match version.trim_start_matches('0') {
        "" => "0",
        trimmed if version.bytes().all(|digit| digit.is_ascii_digit()) => trimmed,
        _ => version,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes_numbers() {
        for (given, code, international_form) in [
            ("(405) 567-1234", "1", Some("+14055671234")),
            ("+1 405 567 1234", "49", Some("+14055671234")),
            ("0014055671234", "49", Some("+14055671234")),
            ("030 1234567", "49", Some("+49301234567")),
            ("0", "49", None),
            ("", "49", None),
            ("12a45678", "49", None),
            ("1234567890123456", "1", None),
        ] {
            let number = international(given, NumberingPlan::find(code).expect("a country"));
            assert_eq!(number.as_ref().map(PhoneNumber::as_str), international_form, "{given}");
        }
    }

    #[test]
    fn only_numeric_versions_lose_zeros() {
        for (sent, listed) in [("0102001", "102001"), ("1", "1"), ("000", "0"), ("0.9.1", "0.9.1"), ("", "0")] {
            assert_eq!(without_leading_zeros(sent), listed, "{sent}");
        }
    }
}
