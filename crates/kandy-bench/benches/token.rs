//! The lookup of a cached access token, which every call does.
#![forbid(unsafe_code)]

use std::sync::{Arc, PoisonError, RwLock};

use divan::{Bencher, black_box};
use kandy::Kandy;
use kandy_bench::{canned, client::TOKEN, load};

fn main() {
    divan::main();
}

#[divan::bench(sample_size = 64, sample_count = 500)]
fn kandy(bencher: Bencher<'_, '_>) {
    let runtime = load::single_thread().expect("a runtime");
    let domain = runtime.block_on(async {
        let base_url = canned::here().await.expect("a server");
        let kandy = Kandy::builder().base_url(base_url).build().expect("a client");
        let domain = kandy.domain("DAK4f1c2b7e9d8a4c35b6e0f1a2b3c4d5e6", "DAS9a8b7c6d5e4f40312f1e0d9c8b7a6958");
        domain.access_token().await.expect("a token");
        domain
    });
    bencher.bench(|| runtime.block_on(black_box(&domain).access_token()).expect("a token"));
}

/// A token that other tasks renew, as handwritten code keeps it.
#[divan::bench(sample_size = 64, sample_count = 500)]
fn handwritten(bencher: Bencher<'_, '_>) {
    let runtime = load::single_thread().expect("a runtime");
    let token = Arc::new(RwLock::new(TOKEN.to_owned()));
    let look_up = async || black_box(&token).read().unwrap_or_else(PoisonError::into_inner).clone();
    bencher.bench(|| runtime.block_on(look_up()));
}
