//! Checks of an HTTP client that the caller has built: at [`check`] what reqwest tells about it, and at [`is_redirected`]
//! what only a response tells. Depends on nothing.

use kandy_sys::Secret;
use reqwest::{Client, Response, Url, redirect::Policy};

/// Fails with the reason if the client is known to send credentials elsewhere.
///
/// reqwest tells the policy for redirects in `Debug` only, and not the default one, which follows ten. A policy of the
/// caller may follow none, so it is left to the first response.
pub(crate) fn check(client: &Client) -> Result<(), &'static str> {
    // The text may have passwords of proxies and headers with credentials: it is wiped, and never part of a message.
    let text = Secret::from(format!("{client:?}"));
    // In a version of reqwest that tells no policy at all, the first response has to do.
    if !format!("{:?}", Client::builder().redirect(Policy::none())).contains("redirect_policy: Policy(None)") {
        return Ok(());
    }
    // Quotes within other fields are escaped, so only the field itself looks like this.
    let has_policy = |name: &str| text.expose().contains(&format!(r#" redirect_policy: "Policy({name})","#));
    match (has_policy("None"), has_policy("Custom")) {
        (true, _) => Ok(()),
        // The `Referer` of a redirected request would be the URL of the call, with its credentials.
        (false, true) if text.expose().contains(" referer: true,") => Err(
            "it sends the URLs of calls, which contain credentials, in the `Referer` of redirected requests; build it \
             with `.referer(false)`",
        ),
        (false, true) => Ok(()),
        (false, false) => {
            Err("it follows redirects, which would send credentials to other hosts and repeat calls; build it with \
             `.redirect(reqwest::redirect::Policy::none())`, or from `kandy::sys::transport::http_client`")
        }
    }
}

/// Whether a response is that of another request than the one for `requested`.
pub(crate) fn is_redirected(requested: &Url, response: &Response) -> bool {
    response.url() != requested
}
