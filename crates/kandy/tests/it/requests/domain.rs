//! Requests of the domain.

use crate::support::handles::domain;

request_snapshots_without_preview! {
    domain_access_token_get: "domain_access_token_get" => |kandy| kandy.domain("DAK-key", "DAS-secret").access_token();
}

request_snapshots! {
    domain_access_token_delete: "domain_access_token_delete" => |kandy| {
        kandy.domain("DAK-key", "DAS-secret").revoke_access_token().token("DAT-token")
    };
    domain_get: "domain_get" => |kandy| domain(kandy).details();
    user_create_by_phone_number: "user_create_by_phone_number" => |kandy| {
        domain(kandy).create_user_by_phone("3524096582", "US")
    };
    user_create: "user_create" => |kandy| {
        domain(kandy)
            .create_user("russ")
            .country_code("US")
            .first_name("Russ")
            .last_name("Élan & Sons")
            .email("russ@example.com")
            .password("b0e4c71d674744")
    };
    user_create_bare: "user_create" @ "bare" => |kandy| domain(kandy).create_user("russ");
    user_delete: "user_delete" => |kandy| domain(kandy).delete_user("UAK-key");
    user_delete_by_password: "user_delete" @ "by_password" => |kandy| {
        domain(kandy).delete_user_by_password("russ", "b0e4c71d674744")
    };
    user_list: "user_list" => |kandy| domain(kandy).users();
    user_get: "user_get" => |kandy| domain(kandy).user_details("UAK-key");
    user_get_by_token: "user_get" @ "by_token" => |kandy| domain(kandy).user_details_by_token("UAT-token");
    domain_limited_get: "domain_limited_get" => |kandy| domain(kandy).limited_details();
    anonymous_user_get: "anonymous_user_get" => |kandy| domain(kandy).anonymous_user();
    anonymous_user_get_by_api_key: "anonymous_user_get_by_api_key" => |kandy| {
        domain(kandy).anonymous_user_by_api_key()
    };
    country_code_get: "country_code_get" => |kandy| domain(kandy).country_codes().mcc("310");
    country_code_get_bare: "country_code_get" @ "bare" => |kandy| domain(kandy).country_codes();
    domain_spidr_configuration_get: "domain_spidr_configuration_get" => |kandy| domain(kandy).spidr_configuration();
}
