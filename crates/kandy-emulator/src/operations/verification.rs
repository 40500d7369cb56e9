//! Operations of the tag Verification: validation codes, and registration in one call.
//!
//! Begin with `HANDLERS`.

use kandy_sys::{
    NumberingPlan,
    types::{Registration, VerificationCodeChecked},
};
use serde_json::json;

use super::{
    authority,
    handler::Handler,
    rules::{national_number, new_password, numbering_plan, phone_number},
    spidr,
};
use crate::{
    protocol::{
        call::Call,
        refusal::{invalid, unknown},
        reply::{Outcome, Reply},
    },
    state::{DeviceDetails, DomainNo, NewUser, PhoneNumber, State, TokenOwner},
};

pub(super) const HANDLERS: &[(&str, Handler)] = &[
    ("verification_code_send", Handler::Domain(code_send)),
    ("verification_code_check", Handler::Domain(code_check)),
    ("registration_create", Handler::Domain(register)),
    ("configuration_get", Handler::Anyone(configuration_get)),
];

fn code_send(state: &mut State, call: &Call, domain: DomainNo) -> Outcome {
    let number = phone_number(&call.fields()?)?;
    state.verifications.send(domain, number);
    Reply::done()
}

fn code_check(state: &mut State, call: &Call, domain: DomainNo) -> Outcome {
    let code = call.require("validation_code")?;
    let plan = call.query("user_country_code").map(numbering_plan).transpose()?;
    let number = call.query("user_phone_number");
    // Some clients send the number with the code, and some do not.
    let is_meant = |sent: &PhoneNumber| {
        let Some(plan) = plan.or_else(|| NumberingPlan::of_code(sent.dialling_code)) else { return false };
        plan.country_code() == sent.dialling_code
            && number.is_none_or(|number| national_number(number, plan).as_ref() == Some(sent))
    };
    let valid = state.verifications.is_valid(domain, code, is_meant);
    Reply::result(VerificationCodeChecked { valid: Some(valid), message: None })
}

fn register(state: &mut State, call: &Call, domain: DomainNo) -> Outcome {
    let fields = call.fields()?;
    let number = phone_number(&fields)?;
    let code = fields.required("validation_code")?;
    let native_id = fields.required("device_native_id")?;
    let client_version = fields.optional("client_sw_version")?;
    if !state.verifications.is_valid(domain, &code, |sent| *sent == number) {
        return Err(invalid("validation_code").into());
    }
    // Used up before the user is created: a repeated request must not register a second device.
    state.verifications.use_up(domain, &number);

    let PhoneNumber { dialling_code, number } = number;
    let user_id: Box<str> = format!("{dialling_code}{number}").into();
    let user = match state.users.by_name(domain, &user_id) {
        Some(user) => user,
        None => {
            let (phone_number, dialling_code) = (Some(number), Some(dialling_code));
            let password = new_password();
            state.create_user(domain, NewUser { user_id, password, phone_number, dialling_code, ..NewUser::default() })
        }
    };
    let details = DeviceDetails { native_id, client_version, family: None, name: None, os_version: None };
    let device = state.create_device(user, Some(details));
    let token = state.mint(TokenOwner::User(user));
    let user = state.users.get(user).ok_or_else(|| unknown("user"))?;
    Reply::result(Registration {
        user_id: Some(user.user_id().into()),
        full_user_id: Some(state.full_user_id(user)),
        domain_name: state.domains.get(domain).map(|domain| domain.name.to_string()),
        user_access_token: Some(token.into()),
        device_id: Some(format!("{device:X}")),
        extra: kandy_sys::ExtraFields::default(),
    })
}

fn configuration_get(state: &mut State, call: &Call) -> Outcome {
    let domain = authority::domain_credentials(state, call)?;
    let token = state.mint(TokenOwner::Domain(domain));
    Reply::result(json!({
        "domain_name": state.domains.get(domain).map(|domain| &domain.name),
        "domain_access_token": token,
        "spidr_configuration": spidr::configuration(&call.server_address()),
    }))
}
