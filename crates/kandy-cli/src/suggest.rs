//! Suggests names similar to an unknown one, and commands for words that other tools use.

/// Returns up to three similar names, most similar first.
pub(crate) fn similar<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    const MIN_SIMILARITY: f64 = 0.85;
    let mut alike: Vec<_> = known
        .into_iter()
        .filter_map(|candidate| {
            let likeness = match candidate.contains(name) && !name.is_empty() {
                true => 1.0,
                false => strsim::jaro_winkler(candidate, name),
            };
            (likeness >= MIN_SIMILARITY).then_some((likeness, candidate))
        })
        .collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike.into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// Returns the message for an unknown name: `unknown operation "x"; did you mean y?`
pub(crate) fn unknown<'a>(kind: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    match similar(name, known).as_slice() {
        [] => format!("unknown {kind} {name:?}"),
        similar => format!("unknown {kind} {name:?}; did you mean {}?", similar.join(" or ")),
    }
}

/// Words for which people look at the top level, and the commands that do it.
const COMMANDS: [(&[&str], &[&str]); 33] = [
    (&["login", "signin", "configure", "init"], &["auth login"]),
    (&["logout", "signout"], &["auth logout"]),
    (&["whoami", "status", "me"], &["auth status"]),
    (&["config", "configuration", "settings", "profile", "profiles"], &["auth list", "auth status", "docs profiles"]),
    (&["env", "environment"], &["docs environment", "emulator --env"]),
    (&["send"], &["sms send", "message send"]),
    (&["text", "txt", "smss"], &["sms send"]),
    (&["chat", "im", "msg", "messages"], &["message send", "message list"]),
    (&["inbox", "receive"], &["message list", "message watch"]),
    (&["watch", "follow", "tail", "listen"], &["message watch", "session watch", "channel watch"]),
    (&["accounts"], &["account"]),
    (&["domains", "project", "projects"], &["domain list"]),
    (&["users"], &["user list"]),
    (&["devices", "phone", "phones"], &["device list"]),
    (&["groups"], &["group list"]),
    (&["members", "member"], &["group member list"]),
    (&["contacts"], &["contact list"]),
    (&["sessions"], &["session list"]),
    (&["conversations", "history"], &["conversation list"]),
    (&["addressbook", "phonebook", "address"], &["address-book show"]),
    (&["huntgroup", "huntgroups", "hunt-groups"], &["hunt-group list"]),
    (&["search", "find"], &["directory search"]),
    (&["import"], &["user import"]),
    (&["export"], &["user export"]),
    (&["upload", "put", "files"], &["file put"]),
    (&["download"], &["file get"]),
    (&["token", "tokens"], &["domain token create", "user token create"]),
    (&["otp", "code", "verification"], &["verify send"]),
    (&["call", "request", "curl", "operations"], &["api"]),
    (&["schemas", "type", "types"], &["schema"]),
    (&["start", "serve", "server", "mock", "run"], &["emulator"]),
    (&["completion", "complete"], &["completions"]),
    (&["doc", "topics", "manual"], &["docs", "man"]),
];

/// Verbs of other tools, and the verbs of this one. A group has one of them, or none.
const VERBS: [(&[&str], &[&str]); 9] = [
    (&["new", "make", "register", "add"], &["create", "add"]),
    (&["remove", "del", "destroy", "erase", "drop", "unregister", "delete"], &["delete", "remove"]),
    (&["view", "info", "details", "describe", "read", "inspect", "cat"], &["show", "list"]),
    (&["edit", "set", "change", "modify", "rename", "patch"], &["update"]),
    (&["all", "dump", "index"], &["list"]),
    (&["search", "find", "query"], &["search", "list"]),
    (&["upload", "push", "store"], &["upload", "put"]),
    (&["download", "pull", "fetch"], &["get"]),
    (&["follow", "tail", "listen", "stream", "subscribe"], &["watch"]),
];

/// Returns the commands that an unknown one may mean, as `` `kandy auth login` ``. `path` names the commands before it, and
/// `exists` tells which there are.
pub(crate) fn synonyms(path: &str, name: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let of = |words: &[(&'static [&'static str], &'static [&'static str])]| {
        let found = words.iter().find(|(synonyms, _)| synonyms.contains(&name.as_str()));
        found.map(|(_, commands)| *commands).unwrap_or_default()
    };
    let commands: Vec<_> = match path {
        "" => of(&COMMANDS).iter().map(|command| (*command).to_owned()).collect(),
        // The first that the group has: the others are verbs of other groups.
        path => {
            of(&VERBS).iter().map(|verb| format!("{path} {verb}")).filter(|command| exists(command)).take(1).collect()
        }
    };
    commands.into_iter().map(|command| format!("`kandy {command}`")).collect()
}

/// Returns the commands that suggestions name.
#[cfg(test)]
pub(crate) fn suggested_commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().flat_map(|(_, commands)| commands.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_has_two_meanings() {
        for words in [&COMMANDS[..], &VERBS] {
            let mut all: Vec<_> = words.iter().flat_map(|(words, _)| words.iter()).collect();
            let count = all.len();
            all.sort_unstable();
            all.dedup();
            assert_eq!(all.len(), count);
        }
    }

    #[test]
    fn verbs_are_those_of_the_group() {
        let only = |verb: &'static str| move |command: &str| command == format!("group {verb}");
        assert_eq!(synonyms("group", "new", only("create")), ["`kandy group create`"]);
        assert_eq!(synonyms("group", "add", only("add")), ["`kandy group add`"]);
        assert_eq!(synonyms("group", "Delete", only("remove")), ["`kandy group remove`"]);
        assert_eq!(synonyms("group", "new", only("list")), [""; 0]);
        assert_eq!(synonyms("", "LOGIN", |_| false), ["`kandy auth login`"]);
        assert_eq!(synonyms("", "unheard-of", |_| true), [""; 0]);
    }
}
