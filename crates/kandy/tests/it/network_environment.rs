//! Variables of the environment: proxies, certificate authorities, and those of [`Environment`]. Each test starts this
//! binary again, because variables belong to a process.

use std::{env, fs, path::PathBuf, process::Command};

use kandy::{Environment, Error, Kandy};
use kandy_emulator::Emulator;

use crate::support::child_process::run_test;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
use crate::support::{mock_server::MockServer, proxy_server::ProxyServer};

/// A credential, which no error repeats.
const SECRET: &str = "s3cret-of-the-environment";

/// Returns a command that runs a test of this module, with none of the variables that matter here.
fn child(test: &str) -> Command {
    let mut command = run_test(&format!("network_environment::{test}"));
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy().to_ascii_uppercase();
        if text.starts_with("KANDY_") || text.ends_with("_PROXY") || text.starts_with("SSL_CERT_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a child, and returns the line that it has printed after `result: `.
fn result_of(mut child: Command) -> String {
    let output = child.env("KANDY_TEST_CHILD", "1").output().expect("a child");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(!text.contains(SECRET), "{text}");
    let result = text.lines().find_map(|line| Some(line.split_once("result: ")?.1.to_owned()));
    result.unwrap_or_else(|| panic!("no result in {text}"))
}

/// The program under test: lists users or domains with the settings and credentials in the environment.
#[tokio::test]
async fn program() {
    if env::var_os("KANDY_TEST_CHILD").is_none() {
        return;
    }
    let call = async || -> kandy::Result<String> {
        let env = Environment::read()?;
        let kandy = match env.get("KANDY_TEST_PROXY") {
            None => env.client()?,
            Some("none") => env.builder()?.no_proxy().build()?,
            Some(url) => env.builder()?.proxy(url).build()?,
        };
        let count = match env.get("KANDY_ACCOUNT_API_KEY") {
            Some(_) => env.account(&kandy)?.domains().await?.len(),
            None => env.domain(&kandy)?.users().retry(kandy::RetryPolicy::never()).await?.len(),
        };
        Ok(format!("{count} by {:?}", kandy.proxy()))
    };
    println!("result: {}", call().await.unwrap_or_else(|error| error.to_string()));
}

/// Returns the `host:port` of a server.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn address(base_url: &str) -> String {
    let url = reqwest::Url::parse(base_url).expect("a URL");
    format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"))
}

/// The names and their precedence are those of curl ("ENVIRONMENT" in its manual), except that `HTTP_PROXY` counts, too.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxy_of_the_environment_is_used() {
    let server = MockServer::start().await;
    let emulator = Emulator::builder().tls(kandy_emulator::Tls::temporary()).start().expect("a free port");
    let forward = ProxyServer::http(&address(server.kandy.base_url()));
    // The certificate behind it is not that of the host, which the client finds out inside of the tunnel.
    let tunnel = ProxyServer::http(&address(emulator.base_url()));
    let loopback = server.kandy.base_url().to_owned();
    let (http, https) = ("http://kandy.invalid/v1.2", "https://kandy.invalid/v1.2");
    let none: Option<(&str, &str)> = None;
    for (names, no_proxy, base_url, is_used) in [
        (&["HTTP_PROXY"][..], none, http, true),
        (&["http_proxy"], none, http, true),
        (&["ALL_PROXY"], none, http, true),
        (&["all_proxy"], none, https, true),
        (&["HTTPS_PROXY"], none, https, true),
        (&["https_proxy"], none, https, true),
        (&["HTTPS_PROXY"], none, http, false),
        (&["HTTP_PROXY"], none, https, false),
        (&["ALL_PROXY"], Some(("NO_PROXY", "kandy.invalid")), http, false),
        (&["ALL_PROXY"], Some(("no_proxy", ".invalid")), https, false),
        (&["ALL_PROXY"], Some(("NO_PROXY", "other.invalid")), http, true),
        // A loopback address is never reached by a proxy of the environment.
        (&["HTTP_PROXY", "ALL_PROXY"], none, &loopback, false),
    ] {
        let proxy = if base_url == https { &tunnel } else { &forward };
        let before = proxy.requests().len();
        let url = format!("http://someone:{SECRET}@{}", proxy.address);
        let mut program = child("program");
        program.envs(names.iter().map(|name| (name, &url))).envs(no_proxy).env("KANDY_BASE_URL", base_url);
        program.envs([("KANDY_ALLOW_PLAIN_HTTP", "1"), ("KANDY_DOMAIN_ACCESS_TOKEN", "DAT")]);
        let result = tokio::task::spawn_blocking(|| result_of(program)).await.expect("a result");
        let seen = &proxy.requests()[before..];
        let what = format!("{names:?} {no_proxy:?} {base_url}: {result}");
        assert_eq!(!seen.is_empty(), is_used, "{what}");
        match base_url {
            _ if base_url == https && is_used => {
                assert!(seen[0].starts_with("CONNECT kandy.invalid:443 HTTP/1.1\r\n"), "{seen:?}");
                assert!(result.contains("the TLS handshake with the service failed"), "{what}");
            }
            _ if is_used => assert!(result.ends_with(&format!("by Some({:?})", proxy.address)), "{what}"),
            _ if base_url == loopback => assert!(result.ends_with("by None"), "{what}"),
            _ => assert!(result.contains("cannot connect to the service") && !result.contains("proxy"), "{what}"),
        }
    }
}

/// What the program sets takes precedence over the environment, `NO_PROXY` included.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_of_the_program_replace_the_proxy_of_the_environment() {
    let server = MockServer::start().await;
    let [own, foreign] = [(); 2].map(|()| ProxyServer::http(&address(server.kandy.base_url())));
    for (setting, no_proxy, is_used) in [("none", "", false), (&own.address, "", true), (&own.address, "*", true)] {
        let before = own.requests().len();
        let mut program = child("program");
        program.envs([("ALL_PROXY", foreign.address.as_str()), ("NO_PROXY", no_proxy), ("KANDY_TEST_PROXY", setting)]);
        program.envs([("KANDY_ALLOW_PLAIN_HTTP", "1"), ("KANDY_DOMAIN_ACCESS_TOKEN", "DAT")]);
        program.env("KANDY_BASE_URL", "http://kandy.invalid/v1.2");
        let result = tokio::task::spawn_blocking(|| result_of(program)).await.expect("a result");
        assert_eq!(own.requests().len() > before, is_used, "{setting} {no_proxy}: {result}");
        assert_eq!(result.contains("cannot connect to the service ("), !is_used, "{setting} {no_proxy}: {result}");
    }
    assert!(foreign.requests().is_empty());
}

/// SOCKS without the feature fails, and the error tells the reason.
#[test]
fn socks_proxy_of_the_environment() {
    let mut program = child("program");
    program.env("ALL_PROXY", format!("socks5://someone:{SECRET}@127.0.0.1:1"));
    program.envs([("KANDY_BASE_URL", "https://kandy.invalid/v1.2"), ("KANDY_DOMAIN_ACCESS_TOKEN", "DAT")]);
    let result = result_of(program);
    assert!(result.contains("the proxy at 127.0.0.1:1 "), "{result}");
    assert_eq!(result.contains("SOCKS proxies need the feature `socks`"), cfg!(not(feature = "socks")), "{result}");
}

/// A folder of this test, which is removed with it.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("kandy-network-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::write(&path, content).expect("a file");
        path.to_str().expect("UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `SSL_CERT_FILE` and `SSL_CERT_DIR` replace the authorities of the platform on Unix (OpenSSL,
/// `SSL_CTX_set_default_verify_paths`); `KANDY_CA_FILE` adds to them.
#[cfg(all(unix, not(target_vendor = "apple"), feature = "rustls", not(feature = "native-tls")))]
#[test]
fn certificate_authorities_of_the_environment_are_trusted() {
    use kandy_emulator::Tls;

    let (emulator, other) = [(); 2].map(|()| Emulator::builder().tls(Tls::temporary()).start().expect("a port")).into();
    let folder = Folder::new("authorities");
    let own = folder.file("own.pem", emulator.ca_certificate().expect("TLS"));
    let foreign = folder.file("foreign.pem", other.ca_certificate().expect("TLS"));
    for (variables, is_trusted) in [
        (vec![], false),
        (vec![("SSL_CERT_FILE", &own)], true),
        (vec![("SSL_CERT_FILE", &foreign)], false),
        (vec![("SSL_CERT_FILE", &foreign), ("KANDY_CA_FILE", &own)], true),
        (vec![("SSL_CERT_FILE", &own), ("KANDY_CA_FILE", &foreign)], true),
        (vec![("KANDY_CA_FILE", &own)], true),
        (vec![("KANDY_CA_FILE", &foreign)], false),
    ] {
        let mut program = child("program");
        program.envs(variables.iter().copied()).env("KANDY_BASE_URL", emulator.base_url());
        program.env("KANDY_ACCOUNT_API_KEY", emulator.account_key());
        program.env("KANDY_ACCOUNT_API_SECRET", emulator.account_secret());
        let result = result_of(program);
        match is_trusted {
            true => assert_eq!(result, "0 by None", "{variables:?}"),
            false => assert!(result.contains("the TLS handshake with the service failed"), "{variables:?}: {result}"),
        }
    }
}

fn of<const N: usize>(pairs: [(&str, &str); N]) -> Environment {
    Environment::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value.into()))).expect("variables")
}

/// Every handle, by every kind of credential that the README of the command lists.
#[tokio::test]
async fn handles_have_the_credentials_of_the_environment() {
    let emulator = Emulator::start().expect("an emulator");
    let (key, secret) = (emulator.account_key(), emulator.account_secret());
    let folder = Folder::new("credentials");
    let file = folder.file("secret", format!("\u{feff}{secret}\r\n"));
    let base_url = ("KANDY_BASE_URL", emulator.base_url());
    for environment in [
        of([base_url, ("KANDY_ACCOUNT_API_KEY", key), ("KANDY_ACCOUNT_API_SECRET", secret)]),
        of([base_url, ("KANDY_ACCOUNT_API_KEY", key), ("KANDY_ACCOUNT_API_SECRET_FILE", &file)]),
        of([base_url, ("KANDY_ACCOUNT_API_KEY", key), ("KANDY_ACCOUNT_API_SECRET", secret), ("KANDY_OTHER", "x")]),
    ] {
        let kandy = environment.client().expect("a client");
        environment.account(&kandy).expect("credentials").domains().await.expect("domains");
        assert!(!format!("{environment:?}").contains(secret), "{environment:?}");
    }
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(key, secret);
    let created = account.create_domain("example.com").await.expect("a domain");
    let (key, secret) = (created.api_key.expose().to_owned(), created.api_secret.expose().to_owned());
    let domain = kandy.domain(&*key, &*secret);
    let user = domain.create_user("russ").password("b0e4c71d674744").country_code("US").await.expect("a user");
    drop(user);
    let user_token = domain.user("russ").access_token().await.expect("a token");
    let domain_token = domain.access_token().await.expect("a token");
    let device = domain.user("russ").devices().await.expect("devices")[0].device_id.as_str().to_owned();

    let environment = of([("KANDY_DOMAIN_API_KEY", &key), ("KANDY_DOMAIN_ACCESS_TOKEN", domain_token.expose())]);
    environment.domain(&kandy).expect("credentials").users().await.expect("users");
    for environment in [
        of([("KANDY_DOMAIN_API_KEY", &key), ("KANDY_DOMAIN_API_SECRET", &secret), ("KANDY_USER_ID", "russ")]),
        of([("KANDY_DOMAIN_API_KEY", &key), ("KANDY_USER_PASSWORD", "b0e4c71d674744"), ("KANDY_USER_ID", "russ")]),
        of([("KANDY_USER_ACCESS_TOKEN", user_token.expose())]),
        // The password is used even where there is a secret, and the token before both.
        of([("KANDY_USER_ACCESS_TOKEN", user_token.expose()), ("KANDY_USER_ID", "nobody")]),
    ] {
        let devices = environment.user(&kandy).expect("credentials").devices().await;
        assert_eq!(devices.unwrap_or_else(|error| panic!("{environment:?}: {error}")).len(), 1, "{environment:?}");
    }
    let environment = of([("KANDY_USER_ACCESS_TOKEN", user_token.expose()), ("KANDY_DEVICE_ID", &device)]);
    environment.device(&kandy).expect("a device").pending_messages().await.expect("no messages");
}

/// Errors name the variable, and neither its value nor what a file has.
#[test]
fn variables_that_cannot_be_used() {
    let folder = Folder::new("invalid");
    let missing = folder.0.join(SECRET).to_str().expect("UTF-8").to_owned();
    let empty = folder.file("empty", "\r\n");
    let broken = folder.file("broken", [SECRET.as_bytes(), b"\xFF"].concat());
    let long = folder.file("long", SECRET.repeat(10_000));
    let kandy = Kandy::builder().base_url("http://127.0.0.1:1/v1.2").build().expect("a client");
    let file = |path: &str| of([("KANDY_DOMAIN_API_KEY", SECRET), ("KANDY_DOMAIN_API_SECRET_FILE", path)]);
    for (environment, reason) in [
        (of([]), "KANDY_DOMAIN_API_KEY is not set"),
        (of([("KANDY_DOMAIN_API_KEY", "")]), "KANDY_DOMAIN_API_KEY is not set"),
        (of([("KANDY_DOMAIN_API_KEY", SECRET)]), "KANDY_DOMAIN_API_SECRET is not set"),
        (file(&missing), "the file in KANDY_DOMAIN_API_SECRET_FILE: "),
        (file(&empty), "the file in KANDY_DOMAIN_API_SECRET_FILE: it is empty"),
        (file(&broken), "the file in KANDY_DOMAIN_API_SECRET_FILE: it is not UTF-8; save it as UTF-8"),
        (file(&long), "the file in KANDY_DOMAIN_API_SECRET_FILE: it is larger than 64 KiB"),
        (file(folder.0.to_str().expect("UTF-8")), "the file in KANDY_DOMAIN_API_SECRET_FILE: "),
    ] {
        let Err(error) = environment.domain(&kandy) else { panic!("{reason}") };
        assert!(matches!(&error, Error::Argument(error) if error.argument() == "environment"), "{error}");
        let text = format!("{error} {error:?}");
        assert!(error.to_string().contains(reason) && !text.contains(SECRET), "{reason}: {text}");
    }
    for (environment, argument, reason) in [
        (of([("KANDY_BASE_URL", "http://kandy.invalid")]), "base_url", "it is plain HTTP"),
        (of([("KANDY_ALLOW_PLAIN_HTTP", SECRET)]), "environment", "KANDY_ALLOW_PLAIN_HTTP: it is neither 1 nor 0"),
        (of([("KANDY_CA_FILE", &missing)]), "environment", "the file in KANDY_CA_FILE: "),
    ] {
        match environment.client() {
            Err(Error::Argument(error)) => {
                assert_eq!(error.argument(), argument);
                assert!(error.reason().contains(reason) && !error.reason().contains(SECRET), "{error}");
            }
            other => panic!("{reason}: {other:?}"),
        }
    }
    for value in ["0", "false", "NO", "off"] {
        let environment = of([("KANDY_BASE_URL", "http://kandy.invalid"), ("KANDY_ALLOW_PLAIN_HTTP", value)]);
        assert!(environment.client().is_err(), "{value}");
    }
    for value in ["1", "true", "YES", "on"] {
        let environment = of([("KANDY_BASE_URL", "http://kandy.invalid"), ("KANDY_ALLOW_PLAIN_HTTP", value)]);
        environment.client().expect(value);
    }
    let twice = [("KANDY_USER_PASSWORD", SECRET), ("KANDY_USER_PASSWORD_FILE", SECRET)];
    let twice = Environment::from_pairs(twice.map(|(name, value)| (name.to_owned(), value.into())));
    let text = twice.expect_err("an error").to_string();
    assert_eq!(text, "KANDY_USER_PASSWORD and KANDY_USER_PASSWORD_FILE are both set; remove one");
}

/// `Kandy::from_env`, and a variable that is not UTF-8.
#[test]
fn client_is_configured_by_the_environment() {
    if env::var_os("KANDY_TEST_CHILD").is_some() {
        let built = Kandy::from_env().map(|kandy| kandy.base_url().to_owned());
        println!("result: {}", built.unwrap_or_else(|error| error.to_string()));
        return;
    }
    let program = || child("client_is_configured_by_the_environment");
    assert_eq!(result_of(program()), "https://api.kandy.io/v1.2");
    let mut other = program();
    other.env("KANDY_BASE_URL", "http://127.0.0.1:8787/v1.2");
    assert_eq!(result_of(other), "http://127.0.0.1:8787/v1.2");
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;

        let mut broken = program();
        broken.env("KANDY_USER_PASSWORD", std::ffi::OsString::from_vec([SECRET.as_bytes(), b"\xFF"].concat()));
        assert_eq!(result_of(broken), "`environment` cannot be used: KANDY_USER_PASSWORD is not UTF-8");
    }
}
