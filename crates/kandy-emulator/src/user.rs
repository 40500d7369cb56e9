//! The chapter on users: access tokens and devices.

use kandy_sys::types::{self, DeviceCreated, DeviceList, UserAccessToken};

use crate::{
    answer::{Outcome, Reply},
    authority,
    behaviour::Behaviour,
    clock, device,
    domain::{check_user_id, has_password},
    id::Id,
    refusal::{invalid_credentials, unknown},
    request::Call,
    state::{Device, DeviceDetails, Holder, State, UserNo},
};

/// What the device is called that every user has from the beginning.
const FIRST_DEVICE: &str = "default";

pub(crate) fn behaviour(operation_id: &str) -> Option<Behaviour> {
    Some(match operation_id {
        "user_access_token_get" => Behaviour::Anyone(access_token_get),
        "device_create" => Behaviour::User(device_create),
        "device_delete" => Behaviour::User(device_delete),
        "device_list" => Behaviour::User(device_list),
        _ => return None,
    })
}

fn access_token_get(state: &mut State, call: &Call) -> Outcome {
    let (_, domain) = state.domains.by_key(authority::key(call)?).ok_or_else(invalid_credentials)?;
    let user_id = call.require("user_id")?;
    let (secret, password) = (call.query("domain_api_secret"), call.query("user_password"));
    if secret.is_none() && password.is_none() {
        return Err(call.missing("domain_api_secret or user_password").into());
    }
    check_user_id(user_id)?;
    // One client sends both. Then both have to be right.
    if secret.is_some_and(|secret| !domain.has_secret(secret)) {
        return Err(invalid_credentials().into());
    }
    let no = domain.user(user_id).ok_or_else(|| unknown("user"))?;
    let user = state.users.get(no).ok_or_else(|| unknown("user"))?;
    if password.is_some_and(|password| !has_password(user, password)) {
        return Err(invalid_credentials().into());
    }
    let token = state.mint(Holder::User(no));
    Reply::result(UserAccessToken { user_access_token: Some(token.into()) })
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
    let id = device::own_device(state, call, user)?;
    state.delete_device(user, id);
    Reply::said("Device Deleted")
}

fn device_list(state: &mut State, _: &Call, user: UserNo) -> Outcome {
    let ids = state.users.get(user).map(|user| user.devices.as_slice()).unwrap_or_default();
    let devices = ids.iter().filter_map(|id| Some(describe(*id, state.devices.get(*id)?))).collect();
    Reply::result(DeviceList { devices: Some(devices) })
}

/// A device as the live service answers it.
fn describe(id: Id, device: &Device) -> types::Device {
    let known = types::Device {
        id: Some(format!("{id:X}")),
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
    fn only_numbers_lose_their_zeros() {
        for (sent, listed) in [("0102001", "102001"), ("1", "1"), ("000", "0"), ("0.9.1", "0.9.1"), ("", "0")] {
            assert_eq!(without_leading_zeros(sent), listed, "{sent}");
        }
    }
}
