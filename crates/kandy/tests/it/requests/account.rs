//! Requests of the account.

use crate::support::handles::account;

request_snapshots_without_preview! {
    account_access_token_get: "account_access_token_get" => |kandy| kandy.account("AAK-key", "AAS-secret").access_token();
}

request_snapshots! {
    account_access_token_delete: "account_access_token_delete" => |kandy| {
        kandy.account("AAK-key", "AAS-secret").revoke_access_token().token("AAT-token")
    };
    domain_create: "domain_create" => |kandy| account(kandy).create_domain("example.com").project_name("My project");
    domain_create_bare: "domain_create" @ "bare" => |kandy| account(kandy).create_domain("example.com");
    domain_delete: "domain_delete" => |kandy| account(kandy).delete_domain("DAK-key");
    domain_list: "domain_list" => |kandy| account(kandy).domains();
}
