use super::{Call, Handles, Provisioned, Stage, answering};

pub(super) async fn call(stage: &Stage<'_>, operation: &str) -> Option<Call> {
    let Handles { kandy, domain, .. } = stage.handles;
    let Provisioned { credentials, domain_key, domain_secret, .. } = stage.of;
    let credentials = credentials.clone();
    let number = format!("{}", 4_000_000_000_usize + stage.number);
    Some(match operation {
        "verification_code_send" => answering(domain, domain.send_verification_code(number, "US"), |()| {}),
        "verification_code_check" => {
            let code = code(stage, &number).await;
            let check = domain.check_verification_code(code).phone_number(number).country_code("US");
            answering(domain, check, |check| assert!(check.valid))
        }
        "registration_create" => {
            let code = code(stage, &number).await;
            let register = domain.register(number, "US", code, stage.name()).client_sw_version("2.2.1");
            answering(domain, register, move |registration| {
                credentials.add(registration.access_token.as_ref().expect("a token").expose());
            })
        }
        "configuration_get" => {
            let domain = kandy.domain(domain_key, domain_secret);
            answering(&domain, domain.configuration(), move |configuration| {
                credentials.add(configuration.access_token.expose());
            })
        }
        _ => return None,
    })
}

/// The code that a phone number is sent.
async fn code(stage: &Stage<'_>, number: &str) -> String {
    stage.maker().domain.send_verification_code(number, "US").await.expect("sent");
    let sent = stage.of.emulator.verification_codes().into_iter().find(|sent| sent.phone_number == number);
    sent.expect("it was sent").code
}
