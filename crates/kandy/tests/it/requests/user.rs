//! Requests of a user: tokens, configuration and devices.

use crate::support::handles::user;

request_snapshots_without_preview! {
    user_access_token_get: "user_access_token_get" => |kandy| kandy.domain("DAK-key", "DAS-secret").user("russ").access_token();
    user_access_token_get_by_password: "user_access_token_get" @ "by_password" => |kandy| {
        async { kandy.user_with_password("DAK-key", "russ", "b0e4c71d674744").access_token().await }
    };
}

request_snapshots! {
    user_access_token_delete: "user_access_token_delete" => |kandy| {
        kandy.user_with_password("DAK-key", "russ", "b0e4c71d674744").revoke_access_token().token("UAT-token")
    };
    user_access_token_delete_by_domain: "user_access_token_delete" @ "by_domain" => |kandy| {
        let russ = kandy.domain("DAK-key", "DAS-secret").user("russ");
        russ.revoke_access_token().token("UAT-token").password("b0e4c71d674744")
    };
    user_limited_get: "user_limited_get" => |kandy| user(kandy).limited_details();
    data_channel_configuration_get: "data_channel_configuration_get" => |kandy| user(kandy).data_channel_configuration();
    user_spidr_configuration_get: "user_spidr_configuration_get" => |kandy| {
        user(kandy).spidr_configuration().secure(true)
    };
    user_spidr_configuration_get_bare: "user_spidr_configuration_get" @ "bare" => |kandy| {
        user(kandy).spidr_configuration()
    };
    rollover_group_get: "rollover_group_get" => |kandy| user(kandy).rollover_group("support");
    phone_number_normalize: "phone_number_normalize" => |kandy| {
        user(kandy).normalize_phone_number("(224) 555-6666", "US")
    };
    billing_status_get: "billing_status_get" => |kandy| user(kandy).billing_status();
    device_create: "device_create" => |kandy| {
        user(kandy)
            .create_device("12345678901234")
            .family("iphone")
            .name("iphone6")
            .client_sw_version("0102001")
            .os_version("8.0")
    };
    device_create_bare: "device_create" @ "bare" => |kandy| user(kandy).create_device("12345678901234");
    device_delete: "device_delete" => |kandy| user(kandy).delete_device("A149EBB9A69D4E66B62D26FBDEF440C5");
    device_list: "device_list" => |kandy| user(kandy).devices();
}
