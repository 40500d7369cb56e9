//! Suggestions for commands that do not exist.

use crate::fixture::{Fixture, stderr};

#[test]
fn unknown_commands_have_suggestions() {
    let fixture = Fixture::empty();
    for (line, tip) in [
        // The words of gh, git, aws, kubectl, docker and heroku.
        ("login", "did you mean `kandy auth login`?"),
        ("logout", "did you mean `kandy auth logout`?"),
        ("whoami", "did you mean `kandy auth status`?"),
        ("send", "did you mean `kandy sms send` or `kandy message send`?"),
        ("send +12245556666 Hello", "did you mean `kandy sms send` or `kandy message send`?"),
        ("text", "did you mean `kandy sms send`?"),
        ("config", "`kandy auth status`"),
        ("devices", "did you mean `kandy device list`?"),
        ("--json users", "did you mean `kandy user list`?"),
        ("--profile user users", "did you mean `kandy user list`?"),
        ("LOGIN", "did you mean `kandy auth login`?"),
        ("user new russ", "did you mean `kandy user create`?"),
        ("user add", "did you mean `kandy user create`?"),
        ("--profile user user new", "did you mean `kandy user create`?"),
        ("user remove russ", "did you mean `kandy user delete`?"),
        ("group member delete x", "did you mean `kandy group member remove`?"),
        ("group member new", "did you mean `kandy group member add`?"),
        ("group view", "did you mean `kandy group show`?"),
        ("group rename", "did you mean `kandy group update`?"),
        ("message tail", "did you mean `kandy message watch`?"),
        ("file upload", "did you mean `kandy file put`?"),
        ("file download", "did you mean `kandy file get`?"),
        // Similar names are suggested as before.
        ("usr list", "a similar subcommand exists: 'user'"),
        ("user lst", "some similar subcommands exist: 'last-seen', 'ls', 'list'"),
    ] {
        let output = fixture.kandy().args(line.split_whitespace()).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}");
        assert!(stderr(&output).contains(tip), "{line}: {}", stderr(&output));
        assert!(stderr(&output).contains("unrecognized subcommand"), "{line}: {}", stderr(&output));
    }
    // No word of this program for these.
    for line in ["unheard-of", "domain unheard-of", "sms new", "\u{1b}[2Jlogin"] {
        let output = fixture.kandy().args(line.split_whitespace()).output().unwrap();
        let text = stderr(&output);
        assert!(!text.contains("did you mean") && !text.contains('\u{1b}'), "{line}: {text}");
    }
}
