//! Calls of sign-up by phone number.

use super::{Call, CallSetup, Handles, Provisioned};

/// Prepares the call of an operation; `None` if it is not of this chapter.
pub(super) async fn prepare(setup: &CallSetup<'_>, operation: &str) -> Option<Call> {
    let Handles { kandy, domain, .. } = setup.handles;
    let Provisioned { credentials, domain_key, domain_secret, .. } = setup.provisioned;
    let credentials = credentials.clone();
    let number = format!("{}", 4_000_000_000_usize + setup.number);
    Some(match operation {
        "verification_code_send" => Call::new(domain, domain.send_verification_code(number, "US"), |()| {}),
        "verification_code_check" => {
            let code = code(setup, &number).await;
            let check = domain.check_verification_code(code).phone_number(number).country_code("US");
            Call::new(domain, check, |check| assert!(check.valid))
        }
        "registration_create" => {
            let code = code(setup, &number).await;
            let register = domain.register(number, "US", code, setup.name()).client_sw_version("2.2.1");
            Call::new(domain, register, move |registration| {
                credentials.add(registration.access_token.as_ref().expect("a token").expose());
            })
        }
        "configuration_get" => {
            let domain = kandy.domain(domain_key, domain_secret);
            Call::new(&domain, domain.configuration(), move |configuration| {
                credentials.add(configuration.access_token.expose());
            })
        }
        _ => return None,
    })
}

/// Requests a verification code for a phone number, and reads it from the emulator.
async fn code(setup: &CallSetup<'_>, number: &str) -> String {
    setup.default_handles().domain.send_verification_code(number, "US").await.expect("sent");
    let sent = setup.provisioned.emulator.verification_codes().into_iter().find(|sent| sent.phone_number == number);
    sent.expect("it was sent").code
}
