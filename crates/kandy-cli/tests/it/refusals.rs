//! Refused credentials, with both HTTP statuses of the service: 403, on which an account portal renews its token, and 200,
//! which early clients expect.

use kandy_emulator::{Emulator, InjectedFault};

use crate::fixture::{Fixture, stderr};

fn with_both_settings(test: impl Fn(Fixture)) {
    for builder in [Emulator::builder(), Emulator::builder().refuse_with_200()] {
        test(Fixture::on(builder.start().expect("an emulator"), &["russ"]));
    }
}

#[test]
fn exit_codes_are_the_same() {
    let unknown_token = format!("DAT{}", "9".repeat(32));
    with_both_settings(|fixture| {
        for (variable, value, arguments, code) in [
            ("KANDY_ACCOUNT_API_SECRET", "wrong", "domain list", 7),
            ("KANDY_DOMAIN_API_SECRET", "wrong", "user list", 7),
            ("KANDY_DOMAIN_ACCESS_TOKEN", &unknown_token, "user list", 7),
            ("KANDY_TEST", "", "device list --user nobody", 4),
            ("KANDY_TEST", "", "device list --user russ", 0),
        ] {
            let output = fixture.kandy().env(variable, value).args(arguments.split(' ')).output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{arguments}: {}", stderr(&output));
        }
    });
}

#[test]
fn expired_tokens_are_renewed_and_no_sms_is_sent_twice() {
    with_both_settings(|fixture| {
        let rows: String = (0..20).map(|row| format!("+122455566{row:02},Hello {row}\n")).collect();
        fixture.write("list.csv", &format!("to,text\n{rows}"));
        fixture.emulator.inject(InjectedFault::expired_token().on("sms_send").every(3));
        let command = ["sms", "send", "--to-file", "list.csv", "--user", "russ", "--concurrency", "1"];
        let output = fixture.kandy().args(command).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let mut sent: Vec<_> = fixture.emulator.sms().into_iter().map(|sms| sms.destination).collect();
        sent.sort();
        sent.dedup();
        assert_eq!((sent.len(), fixture.emulator.sms().len()), (20, 20));
    });
}
