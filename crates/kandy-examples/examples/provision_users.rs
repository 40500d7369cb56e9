//! Creates users from a list, several at a time, and prints the result of each.
//!
//! On the emulator, or on the service in the environment (see `quickstart`). The list is a file with one line
//! `user_id,email` for each user: `cargo run -p kandy-examples --example provision_users -- users.csv`.

use std::{env, error::Error, fs};

use kandy::NewUser;
use kandy_examples::Service;

const LIST: &str = "russ,russ@example.com\nanna,anna@example.com\nbert,\nanna,anna@example.com\nno@good,\n";

/// Number of users that are created concurrently.
const CONCURRENCY: usize = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let list = match env::args().nth(1) {
        Some(path) => fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?,
        None => LIST.to_owned(),
    };
    let service = Service::find()?;
    let (domain, created) = service.create_domain().await?;

    let users = list.lines().filter_map(|line| line.split_once(',')).map(|(user_id, email)| match email {
        "" => NewUser::new(user_id),
        email => NewUser::new(user_id).email(email),
    });
    let users: Vec<_> = users.collect();
    let mut outcomes = domain.create_users(users).concurrency(CONCURRENCY).in_order();
    while let Some(outcome) = outcomes.next().await {
        let user_id = outcome.item.user_id();
        match outcome.result {
            Ok(_) => println!("{user_id}: created"),
            Err(error) if error.is_already_exists() => println!("{user_id}: exists already"),
            Err(error) => println!("{user_id}: {error}"),
        }
    }
    let (mut users, mut number) = (domain.users().stream(), 0);
    while users.try_next().await?.is_some() {
        number += 1;
    }
    println!("{number} users in {}", created.name);

    service.account.delete_domain(created.api_key).await?;
    Ok(())
}
