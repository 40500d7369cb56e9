use crate::support::handles::user;

pins! {
    user_access_token_get: "user_access_token_get" => |kandy| kandy.domain("DAK-key", "DAS-secret").user("russ").access_token();
    user_access_token_get_by_password: "user_access_token_get" @ "by_password" => |kandy| {
        async { kandy.user_with_password("DAK-key", "russ", "b0e4c71d674744").access_token().await }
    };
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
