//! The layers of each crate, lowest first. A module imports its own layer and those below.

/// The stated layers of a crate.
#[derive(Debug)]
pub struct Layers {
    /// The name of the crate.
    pub name: &'static str,
    /// Its root file, below the root of the workspace.
    pub root: &'static str,
    /// Modules by layer, lowest first. A module stands for those below it that are not named themselves.
    pub layers: &'static [&'static [&'static str]],
    /// Modules that may import each other in a cycle, each with its reason beside it.
    pub cycles: &'static [&'static [&'static str]],
}

impl Layers {
    /// The layer of a module, from 0; that of the longest name that it is below.
    pub(super) fn layer_of(&self, module: &str) -> Option<usize> {
        let covers =
            |name: &str| module == name || module.strip_prefix(name).is_some_and(|rest| rest.starts_with("::"));
        let named = self.layers.iter().enumerate().flat_map(|(at, names)| names.iter().map(move |name| (at, *name)));
        named.filter(|(_, name)| covers(name)).max_by_key(|(_, name)| name.len()).map(|(at, _)| at)
    }
}

/// All crates whose layers are stated.
pub const CRATES: &[Layers] = &[
    Layers {
        name: "kandy",
        root: "crates/kandy/src/lib.rs",
        layers: &[
            // The root only re-exports.
            &["crate", "error"],
            &["clock", "id", "metrics", "runtime", "sms::text"],
            &["check", "decode", "sms::limit"],
            &["auth"],
            &["value"],
            &["pipeline::retry", "pipeline::throttle", "pipeline::attempt_result", "pipeline::handle_arc"],
            &[
                "pipeline::attempt_error",
                "pipeline::settings",
                "pipeline::observer",
                "pipeline::upload_progress",
                "pipeline::proxy",
                "pipeline::resolve",
                "pipeline::root_certificates",
                "pipeline::given_client",
                "pipeline::api",
            ],
            &["pipeline::http_settings", "pipeline::custom_transport", "pipeline::observers"],
            &["pipeline::channel_connector"],
            &["pipeline::client_inner", "pipeline::response"],
            &["pipeline::attempt", "pipeline::trace"],
            &["pipeline::retry_loop", "pipeline::shared_token"],
            &["pipeline::authenticated_client"],
            &["pipeline::transport", "pipeline::call"],
            &["pipeline::driver", "pipeline::list"],
            &["pipeline::spec"],
            &["pipeline::send", "pipeline::preview"],
            &["pipeline"],
            &["bulk", "revoke_access_token"],
            // Chapters: data and builders first, then the handles that return them, then what handles are extended with.
            &["content", "address_book", "sms", "spidr"],
            &["message"],
            &["device"],
            &["user"],
            &["domain"],
            &["account"],
            &[
                "address_book::user",
                "content::device",
                "conversation",
                "directory",
                "group",
                "hunt_group",
                "personal_contact",
                "phone_number",
                "presence",
                "profile",
                "session",
                "user_configuration",
                "verification",
            ],
            &["channel"],
            &["inbox"],
            &["client"],
            &["env", "testing"],
            &["blocking::runtime"],
            &["blocking::polled", "blocking::call"],
            &["blocking::bulk", "blocking::channel", "blocking::download", "blocking::inbox", "blocking::list"],
            &["blocking::generated"],
            &["blocking"],
        ],
        cycles: &[],
    },
    Layers {
        name: "kandy-emulator",
        root: "crates/kandy-emulator/src/lib.rs",
        layers: &[
            // The root defines two constants, and re-exports what is public.
            &["crate", "limits", "text"],
            &["state", "thumbnail", "tls"],
            &["snapshot"],
            &["protocol", "faults", "spidr::path", "spidr::subscriptions"],
            &["operations"],
            &["seed"],
            // Of the HTTP server first what handles no request: routes, bodies, responses, connections, the log.
            &["http", "channel::options"],
            &["http::app_state"],
            &["http::context", "admin", "inspector"],
            &["channel", "spidr", "http::operate"],
            &["http::admin_handler", "http::fault_handler"],
            &["http::handler"],
            &["http::service"],
            &["http::server"],
            &["builder", "emulator"],
            &["command"],
        ],
        cycles: &[
            // `Emulator::builder` returns a `Builder`, and `Builder::start` an `Emulator`.
            &["builder", "emulator"],
        ],
    },
    Layers {
        name: "kandy-otel",
        root: "crates/kandy-otel/src/lib.rs",
        layers: &[&["attributes", "gauges"], &["observer"], &["crate"]],
        cycles: &[],
    },
    Layers {
        name: "kandy-outbox",
        root: "crates/kandy-outbox/src/lib.rs",
        layers: &[
            &["job", "journal_file"],
            &["observer", "store", "verdict"],
            &["file_store", "outbox", "testing"],
            &["worker"],
            // The root re-exports what is public.
            &["crate"],
        ],
        cycles: &[],
    },
    Layers {
        name: "kandy-redis",
        root: "crates/kandy-redis/src/lib.rs",
        layers: &[
            // The root only re-exports.
            &["crate", "error", "encryption", "tls"],
            &["connection"],
            &["jobs", "rate_limit", "token_store"],
        ],
        cycles: &[],
    },
    Layers {
        name: "kandy-cli",
        root: "crates/kandy-cli/src/main.rs",
        layers: &[
            &["terminal", "shell", "suggest", "formula"],
            &["eprint"],
            &["failure", "verbose"],
            &["private_file", "signal", "interrupt", "stdin", "ca_file"],
            // Of credentials first the settings, their sources and the paths; then the files; then which profile is used.
            &["credential"],
            &["credential::config", "credential::secrets_file"],
            &["credential::store", "credential::recovery"],
            &["credential::active_profile", "credential::save"],
            &["credential::settings"],
            &["arguments", "environment"],
            &["output", "queue"],
            &["dry_run"],
            &["context"],
            &["cache"],
            &["call", "confirm", "device_name", "full_user_id"],
            &["id_completion"],
            // Of bulk jobs first row statuses, file names and hashes; last the loop.
            &["bulk"],
            &["bulk::journal"],
            // What is made of a row before its call, and which rows are left out.
            &["bulk::read"],
            &["bulk::template", "bulk::suppressed", "bulk::preparation", "bulk::queued"],
            &["bulk::job", "bulk::rejected_target"],
            &["bulk::restart", "bulk::same_rows"],
            &["bulk::arguments", "bulk::row_call", "bulk::rejected_file", "bulk::precheck"],
            &["bulk::paths", "bulk::recorder", "bulk::dry_run"],
            &["bulk::flow"],
            &["bulk::run"],
            &["bulk::enqueue"],
            &["command"],
            // The root parses the command line and starts the runtime.
            &["crate"],
        ],
        cycles: &[],
    },
    Layers {
        name: "kandy-browser-tests",
        root: "crates/kandy-browser-tests/tests/browser/main.rs",
        layers: &[
            &["chromium", "emulator", "output", "page"],
            &["context"],
            &["example", "runner"],
            // The tests, by view and by what holds for all of them.
            &[
                "api",
                "chats",
                "clock",
                "connection",
                "faults",
                "harness",
                "hostile",
                "keyboard",
                "layout",
                "load",
                "phones",
                "pictures",
                "requests",
                "snapshots",
                "state",
            ],
            // The root lists the tests.
            &["crate"],
        ],
        cycles: &[],
    },
    Layers {
        name: "kandy-sys",
        root: "crates/kandy-sys/src/lib.rs",
        layers: &[
            // Types that depend on no other module, but for scalars.
            &[
                "absent",
                "few",
                "json_place",
                "scalar",
                "secret",
                "extra_fields",
                "open_set",
                "status",
                "phone_number",
                "password_rule",
                "sms_length",
            ],
            &["typed_secret", "operation", "upload", "transport_failure"],
            // The generated tables, and the lookups that read them.
            &["values", "operations", "credentials"],
            &["known_status", "operation_table", "status_scanner", "base_url"],
            &["mask"],
            &["content", "query_value", "request_secrets", "decode_error"],
            &["request", "generated::types"],
            &["envelope"],
            &["list", "error"],
            &["body", "http_client"],
            &["transport"],
            // A generated call returns a `Call`, which holds the transport of the generated `Client`.
            &["generated", "call", "client"],
            &["dynamic_call_error"],
            &["dynamic_call"],
            // `schemas` names every type, and `crate` re-exports what is public.
            &["schema", "schemas", "crate"],
        ],
        cycles: &[],
    },
];
