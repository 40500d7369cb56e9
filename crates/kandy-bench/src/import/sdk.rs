//! The SDK alone: reads the list while it sends, and records nothing.
//!
//! Depends on `load` and `client`. Begin with [`run`].

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use kandy::NewUser;

use crate::{BoxError, client::Kandy, load};

/// Creates the users of a list. Its rows have three fields and no quotes, so they are split at commas.
///
/// # Errors
///
/// When a call fails, or the list cannot be read.
pub fn run(base_url: &str, list: &Path, concurrency: usize) -> Result<(), BoxError> {
    let client = Kandy::with_limit(base_url, None)?;
    let lines = BufReader::new(File::open(list)?).lines().skip(1);
    let users = lines.map_while(Result::ok).filter_map(|line| {
        let mut fields = line.split(',');
        Some(NewUser::new(fields.next()?).country_code(fields.next()?).email(fields.next()?))
    });
    load::runtime()?.block_on(async {
        let mut outcomes = client.domain.create_users(users).concurrency(concurrency);
        while let Some(outcome) = outcomes.next().await {
            outcome.result?;
        }
        Ok(())
    })
}
