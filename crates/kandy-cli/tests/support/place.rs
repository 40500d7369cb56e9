//! A place with credentials that are easy to recognise, all ways to give them to a command, and a look at what comes out.

#![cfg(unix)]

use std::{
    fs,
    io::{Read, Write},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use kandy_emulator::{Emulator, NewGroup};

pub(crate) const ACCOUNT: (&str, &str) = ("canary-account-key", "canary-account-secret");
pub(crate) const PASSWORD: &str = "canary.pass4711";
pub(crate) const WRONG: &str = "canary-wrong-secret";

/// How long a command may take. What waits for more to come is ended then.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// Where credentials come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Environment,
    DotEnv,
    Files,
    /// A profile that was made from the environment.
    Profile,
    /// A profile that was read from stdin.
    Stdin,
    /// Access tokens instead of keys.
    Tokens,
}

pub(crate) const WAYS: [Way; 5] = [Way::Environment, Way::DotEnv, Way::Files, Way::Profile, Way::Stdin];

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum World {
    Good,
    WrongSecret,
    /// Every second request fails like this.
    Fails(usize),
    Nowhere,
}

/// An emulator with a domain, two users, and credentials that are easy to recognise.
pub(crate) struct Place {
    pub(crate) emulator: Emulator,
    pub(crate) domain: (String, String),
    /// A group that both are in.
    group: String,
    /// Access tokens of the account, the domain and the user.
    pub(crate) tokens: [String; 3],
    /// The files of the profiles, by the ways that make them.
    profiles: [Vec<(String, String)>; 2],
}

impl Place {
    pub(crate) fn new() -> Self {
        let emulator = Emulator::builder().account(ACCOUNT.0, ACCOUNT.1).start().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (domain, tokens) = runtime.block_on(async {
            let kandy = kandy::Kandy::builder().base_url(emulator.base_url()).build().unwrap();
            let account = kandy.account(ACCOUNT.0, ACCOUNT.1);
            let created = account.create_domain("example.com").await.unwrap();
            let domain = kandy.domain(created.api_key.clone(), created.api_secret.clone());
            for user_id in ["russ", "anna"] {
                domain.create_user(user_id).country_code("US").password(PASSWORD).await.unwrap();
            }
            let tokens = [
                account.access_token().await.unwrap().expose().to_owned(),
                domain.access_token().await.unwrap().expose().to_owned(),
                domain.user("russ").access_token().await.unwrap().expose().to_owned(),
            ];
            ((created.api_key.expose().to_owned(), created.api_secret.expose().to_owned()), tokens)
        });
        let group = NewGroup::new("crew").owner("russ@example.com").member("anna@example.com");
        let group = emulator.create_group(group).unwrap();
        let mut place = Self { emulator, domain, group, tokens, profiles: Default::default() };
        place.profiles = [place.log_in(&["--from-env"], true), place.log_in(&["--stdin"], false)];
        place
    }

    /// What stands for a value of the command line, by the name that the help has for it.
    pub(crate) fn value(&self, name: &str) -> String {
        match name.to_ascii_uppercase().as_str() {
            "TO" | "FULL_USER_ID" => "anna@example.com",
            "GROUP_ID" => &self.group,
            "MESSAGE_ID" | "CONTENT_ID" => "0f0e0d0c-0b0a-4908-8706-050403020100",
            "N" | "COUNT" | "SIZE" => "1",
            name if name.contains("FILE") || name.contains("PATH") => "token.txt",
            name if name.contains("USER") => "anna",
            name if name.contains("DEVICE") => "0123456789ABCDEF0123456789ABCDEF",
            name if name.contains("DURATION") => "1s",
            name if name.contains("COUNTRY") => "US",
            name if name.contains("PHONE") || name.contains("NUMBER") => "2025550123",
            name if name.contains("URL") => "https://example.com",
            _ => "example",
        }
        .to_owned()
    }

    /// What a login writes, which must not say what it was given.
    fn log_in(&self, options: &[&str], in_environment: bool) -> Vec<(String, String)> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = kandy(folder.path());
        command.args(["auth", "login", "one", "--verbose"]).args(options);
        command.env("KANDY_BASE_URL", self.emulator.base_url());
        let settings = self.settings(World::Good, Way::Environment);
        if in_environment {
            command.envs(settings.clone());
        }
        let lines: String = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        let ended = run(command, &lines);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(leaks(&ended.stdout, &[]).chain(leaks(&ended.stderr, &[])).next(), None, "{}", ended.stderr);
        let config = folder.path().join("config");
        assert_eq!(fs::metadata(config.join("secrets.toml")).unwrap().permissions().mode() & 0o777, 0o600);
        let files = ["config.toml", "secrets.toml"].map(|name| {
            let text = fs::read_to_string(config.join(name)).unwrap();
            assert_eq!(name == "secrets.toml", text.contains(PASSWORD), "{name}");
            (name.to_owned(), text)
        });
        files.into()
    }

    /// The variables that say everything.
    pub(crate) fn settings(&self, world: World, way: Way) -> Vec<(&'static str, String)> {
        let base_url = match world {
            World::Nowhere => "http://127.0.0.1:9/v1.2",
            _ => self.emulator.base_url(),
        };
        let secret = |right: &str| if world == World::WrongSecret { WRONG.to_owned() } else { right.to_owned() };
        let mut settings = vec![
            ("KANDY_BASE_URL", base_url.to_owned()),
            ("KANDY_USER_ID", "russ".to_owned()),
            ("KANDY_DOMAIN_API_KEY", self.domain.0.clone()),
        ];
        match way {
            Way::Tokens => {
                let [account, domain, user] = self.tokens.clone();
                settings.push(("KANDY_ACCOUNT_ACCESS_TOKEN", account));
                settings.push(("KANDY_DOMAIN_ACCESS_TOKEN", domain));
                settings.push(("KANDY_USER_ACCESS_TOKEN", user));
            }
            _ => {
                settings.push(("KANDY_ACCOUNT_API_KEY", ACCOUNT.0.to_owned()));
                settings.push(("KANDY_ACCOUNT_API_SECRET", secret(ACCOUNT.1)));
                settings.push(("KANDY_DOMAIN_API_SECRET", secret(&self.domain.1)));
                settings.push(("KANDY_USER_PASSWORD", secret(PASSWORD)));
            }
        }
        settings
    }

    /// Gives a command its credentials.
    pub(crate) fn give(&self, command: &mut Command, folder: &Path, world: World, way: Way) {
        let settings = self.settings(world, way);
        // Users delete tokens and set passwords from this file.
        fs::write(folder.join("token.txt"), &self.tokens[2]).unwrap();
        match way {
            Way::Environment | Way::Tokens => drop(command.envs(settings)),
            Way::DotEnv => {
                let lines: String = settings.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
                fs::write(folder.join(".env"), lines).unwrap();
            }
            Way::Files => {
                for (name, value) in settings {
                    let file = format!("{name}.txt");
                    fs::write(folder.join(&file), value).unwrap();
                    command.env(format!("{name}_FILE"), file);
                }
            }
            Way::Profile | Way::Stdin => {
                let config = folder.join("config");
                fs::create_dir(&config).unwrap();
                let files = &self.profiles[usize::from(matches!(way, Way::Stdin))];
                for (name, text) in files {
                    let mut text = text.clone();
                    if world == World::WrongSecret {
                        for right in [ACCOUNT.1, &self.domain.1, PASSWORD] {
                            text = text.replace(right, WRONG);
                        }
                    }
                    if world == World::Nowhere {
                        text = text.replace(self.emulator.base_url(), "http://127.0.0.1:9/v1.2");
                    }
                    fs::write(config.join(name), text).unwrap();
                    fs::set_permissions(config.join(name), fs::Permissions::from_mode(0o600)).unwrap();
                }
            }
        }
    }
}

/// The command in a folder, with nothing of this machine.
pub(crate) fn kandy(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kandy"));
    command.current_dir(folder).env_clear().env("HOME", folder).env("LANG", "C.UTF-8");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.env("KANDY_CONFIG_DIR", folder.join("config")).env("KANDY_SECRET_STORE", "file");
    command
}

/// What a command came to.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What the list of processes says of it.
    pub(crate) process: String,
}

/// Runs a command to its end, or for as long as there is patience.
pub(crate) fn run(mut command: Command, input: &str) -> Ended {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let process = fs::read(format!("/proc/{}/cmdline", child.id())).unwrap_or_default();
    // Who does not read it is gone already.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    std::thread::scope(|scope| {
        let stdout = scope.spawn(|| text_of(stdout));
        let stderr = scope.spawn(|| text_of(stderr));
        let code = wait(&mut child);
        let process = String::from_utf8_lossy(&process).into_owned();
        Ended { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap(), process }
    })
}

pub(crate) fn text_of(mut from: impl Read) -> String {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(crate) fn wait(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > PATIENCE {
            child.kill().unwrap();
            return child.wait().unwrap().code();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The credentials in a text: those that were given, and all that look like one of the emulator.
pub(crate) fn leaks<'a>(text: &'a str, given: &'a [&'a str]) -> impl Iterator<Item = &'a str> {
    let canaries = [ACCOUNT.0, ACCOUNT.1, PASSWORD, WRONG];
    let known = canaries.into_iter().chain(given.iter().copied()).filter(|canary| text.contains(canary));
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    known.chain(words.filter(|word| {
        matches!(word.as_bytes(), [b'A' | b'D' | b'U', b'A', b'K' | b'S' | b'T', digits @ ..]
            if digits.len() == 32 && digits.iter().all(u8::is_ascii_hexdigit))
    }))
}
