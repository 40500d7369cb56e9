//! Files, byte for byte and piece by piece, in memory as little as can be.

#[path = "support/pieces.rs"]
mod pieces;

use std::{
    env,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use kandy::{Attachment, ContentId, Device, Error, Kandy, MessageContent, Phase, Status};
use kandy_emulator::{Emulator, InjectedFault};
use pieces::{PIECE, piece};

/// An emulator with two users, and a device of each.
async fn start() -> (Emulator, Device, Device) {
    let emulator = Emulator::start().expect("a free port");
    let kandy = Kandy::builder().base_url(emulator.base_url()).build().expect("a client");
    let account = kandy.account(emulator.account_key(), emulator.account_secret());
    let created = account.create_domain("example.com").await.expect("created");
    let domain = kandy.domain(created.api_key, created.api_secret);
    let device = async |user_id| {
        domain.create_user(user_id).await.expect("created");
        let user = domain.user(user_id);
        let device_id = user.devices().await.expect("a list").swap_remove(0).device_id;
        user.device(device_id)
    };
    (emulator, device("russ").await, device("anna").await)
}

#[tokio::test]
async fn a_file_comes_back_byte_for_byte() -> kandy::Result<()> {
    let (_emulator, phone, tablet) = start().await;
    let bytes: Bytes = (0..3).flat_map(piece).collect();
    let steps = Arc::new(Mutex::new(Vec::new()));
    let seen = steps.clone();
    let uploaded = phone
        .upload(Attachment::new("cat.jpg", bytes.clone()))
        .progress(move |sent| seen.lock().expect("no panic").push(sent))
        .await?;
    assert_eq!((uploaded.file_name.as_str(), uploaded.mime_type.as_str()), ("cat.jpg", "image/jpeg"));
    assert_eq!(steps.lock().expect("no panic").last(), Some(&(bytes.len() as u64)));

    let message = phone.send_message("anna@example.com", MessageContent::from(uploaded.clone())).await?;
    let pending = tablet.pending_messages().await?.messages;
    assert_eq!(pending[0].id, Some(message));
    let content = pending[0].content.as_ref().expect("a content");
    let content_id = ContentId::from(content.fields()["content_uuid"].as_str().expect("an id"));

    let mut file = tablet.download(content_id).await?;
    assert_eq!((file.mime_type(), file.length()), (Some("image/jpeg"), Some(bytes.len() as u64)));
    let mut received = Vec::new();
    while let Some(piece) = file.try_next().await? {
        received.extend_from_slice(&piece);
        assert_eq!(file.received(), received.len() as u64);
    }
    assert_eq!(received, bytes);
    Ok(())
}

#[tokio::test]
async fn from_disk_to_disk() -> kandy::Result<()> {
    let (_emulator, phone, tablet) = start().await;
    let folder = env::temp_dir().join(format!("kandy-content-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (there, back) = (folder.join("note.txt"), folder.join("back.txt"));
    let bytes: Bytes = (7..12).flat_map(piece).collect();
    std::fs::write(&there, &bytes).expect("written");

    let uploaded = phone.upload(Attachment::open(&there).await?).await?;
    assert_eq!(uploaded.length, Some(bytes.len() as u64));
    assert_eq!(tablet.download(&uploaded.content_id).await?.save(&back).await?, bytes.len() as u64);
    assert_eq!(std::fs::read(&back).expect("read"), bytes);
    std::fs::remove_dir_all(&folder).expect("removed");

    let error = Attachment::open(&there).await.expect_err("it is gone");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "path"), "{error}");
    let error = Attachment::open(env::temp_dir()).await.expect_err("a folder").to_string();
    assert!(error.contains("not a file"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_refusal_is_told_from_a_file() -> kandy::Result<()> {
    let (_emulator, phone, tablet) = start().await;
    let error = tablet.download(ContentId::random()).await.expect_err("no such file");
    assert!(error.is_not_found(), "{error}");
    assert!(matches!(&error, Error::Api(refused) if refused.http_status() == 200), "{error}");

    // A file that is JSON, and even one that looks like a success, is a file.
    for json in [r#"{"status": "none"}"#, r#"{"status": 0, "message": "success"}"#, "[1, 2]"] {
        let uploaded = phone.upload(Attachment::new("a.json", json)).await?;
        assert_eq!(tablet.download(&uploaded.content_id).await?.bytes(1024).await?, json);
        let error = tablet.thumbnail(&uploaded.content_id, "large").await.expect_err("no image");
        assert_eq!(error.status(), Some(Status::NO_DATA));
    }
    // One that is too long for a refusal too, whatever it says.
    let long = format!(r#"{{"status": 5, "message": "{}"}}"#, "x".repeat(20_000));
    let uploaded = phone.upload(Attachment::new("a.json", long.clone())).await?;
    assert_eq!(tablet.download(&uploaded.content_id).await?.bytes(100_000).await?, long);
    let error = tablet.download(&uploaded.content_id).await?.bytes(1024).await.expect_err("too long");
    assert!(error.to_string().contains("limit of 1024 bytes"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_thumbnail_is_smaller() -> kandy::Result<()> {
    let (_emulator, phone, tablet) = start().await;
    let mut large = std::io::Cursor::new(Vec::new());
    let image = image::RgbImage::from_fn(640, 480, |x, y| image::Rgb([(x % 251) as u8, (y % 241) as u8, 7]));
    image.write_to(&mut large, image::ImageFormat::Png).expect("written");
    let uploaded = phone.upload(Attachment::new("cat.png", large.into_inner())).await?;
    let small = tablet.thumbnail(&uploaded.content_id, "24x24").await?.bytes(1 << 20).await?;
    assert!((small.len() as u64) < uploaded.length.expect("known") / 10);
    let small = image::load_from_memory(&small).expect("an image");
    assert_eq!((small.width(), small.height()), (24, 18));
    Ok(())
}

/// Whether an attachment can be sent again is what decides, not whether the SDK would like to.
#[tokio::test]
async fn an_expired_token_is_renewed_and_the_file_sent_again() -> kandy::Result<()> {
    let (emulator, phone, tablet) = start().await;
    let bytes = piece(1);
    let folder = env::temp_dir().join(format!("kandy-again-{}", std::process::id()));
    std::fs::write(&folder, &bytes).expect("written");
    let begun_again = Arc::new(AtomicU64::new(0));
    let counter = begun_again.clone();

    for attachment in [Attachment::new("a.bin", bytes.clone()), Attachment::open(&folder).await?] {
        emulator.revoke_all_tokens();
        let counter = counter.clone();
        let upload = phone.upload(attachment).progress(move |sent| {
            counter.fetch_add(u64::from(sent == PIECE), Ordering::Relaxed);
        });
        let uploaded = upload.await?;
        assert_eq!(tablet.download(&uploaded.content_id).await?.bytes(1 << 20).await?, bytes);
    }
    assert_eq!(begun_again.load(Ordering::Relaxed), 4, "each of the two went out twice");
    std::fs::remove_file(&folder).expect("removed");

    emulator.revoke_all_tokens();
    let once = || Attachment::stream("a.bin", Some(PIECE), stream::iter([Ok::<_, std::io::Error>(piece(1))]));
    let error = phone.upload(once()).await.expect_err("it cannot be sent again");
    assert!(error.is_unauthorized(), "{error}");
    // The next one does not fail for the same token.
    phone.upload(once()).await?;
    Ok(())
}

#[tokio::test]
async fn a_stream_that_fails_is_told_and_stores_nothing() {
    let (emulator, phone, _tablet) = start().await;
    let pieces = [Ok(piece(1)), Err(std::io::Error::other("the disk is gone"))];
    let error = phone.upload(Attachment::stream("a.bin", Some(2 * PIECE), stream::iter(pieces))).await;
    let error = error.expect_err("half a file");
    assert!(matches!(&error, Error::Transport(_)), "{error}");
    assert_eq!(emulator.state().contents, 0);
}

#[tokio::test]
async fn a_download_that_breaks_off_or_stops_is_an_error() -> kandy::Result<()> {
    let (emulator, phone, tablet) = start().await;
    let bytes: Bytes = (0..8).flat_map(piece).collect();
    let uploaded = phone.upload(Attachment::new("a.bin", bytes.clone())).await?;
    let phase = |error: &Error| match error {
        Error::Transport(error) => Some((error.phase(), error.operation())),
        _ => None,
    };

    emulator.inject(InjectedFault::close_during_response().on("content_download").times(1));
    let error = tablet.download(&uploaded.content_id).await?.bytes(1 << 20).await.expect_err("half a file");
    assert_eq!(phase(&error), Some((Phase::Receive, Some("content_download"))), "{error}");

    emulator.inject(InjectedFault::stall_during_response().on("content_download").times(1));
    let stalled = tablet.download(&uploaded.content_id).timeout(Duration::from_millis(100)).await?;
    let error = stalled.bytes(1 << 20).await.expect_err("half a file");
    assert_eq!(phase(&error), Some((Phase::Timeout, Some("content_download"))), "{error}");

    emulator.inject(InjectedFault::stall_during_response().on("content_download").times(1));
    let late = tablet.download(&uploaded.content_id).deadline(Duration::from_millis(100)).await?;
    let error = late.bytes(1 << 20).await.expect_err("half a file");
    assert_eq!(phase(&error), Some((Phase::Deadline, Some("content_download"))), "{error}");

    assert_eq!(tablet.download(&uploaded.content_id).await?.bytes(1 << 20).await?, bytes);
    Ok(())
}

/// An upload that moves is not given up, however much longer than the timeout it takes.
#[tokio::test]
async fn an_upload_takes_as_long_as_it_moves() -> kandy::Result<()> {
    let (_emulator, phone, _tablet) = start().await;
    let slow = || {
        stream::iter(0..6).then(|number| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok::<_, std::io::Error>(piece(number))
        })
    };
    let attachment = || Attachment::stream("a.bin", Some(6 * PIECE), slow());
    phone.upload(attachment()).timeout(Duration::from_millis(400)).await?;
    let error = phone.upload(attachment()).deadline(Duration::from_millis(250)).await.expect_err("too slow");
    assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Deadline), "{error}");
    Ok(())
}
