//! Requests of sign-up by phone number.

use crate::support::handles::domain;

request_snapshots! {
    verification_code_send: "verification_code_send" => |kandy| {
        domain(kandy).send_verification_code("4034932232", "US")
    };
    verification_code_check: "verification_code_check" => |kandy| {
        domain(kandy).check_verification_code("1234").phone_number("4034932232").country_code("US")
    };
    verification_code_check_bare: "verification_code_check" @ "bare" => |kandy| {
        domain(kandy).check_verification_code("1234")
    };
    registration_create: "registration_create" => |kandy| {
        domain(kandy).register("4034932232", "UA", "1234", "3456").client_sw_version("2.2.1").client_sw_type("JS")
    };
    registration_create_bare: "registration_create" @ "bare" => |kandy| {
        domain(kandy).register("4034932232", "UA", "1234", "3456")
    };
    configuration_get: "configuration_get" => |kandy| kandy.domain("DAK-key", "DAS-secret").configuration();
}
