//! Uploads and downloads: contents, streaming, thumbnails, retries and timeouts.

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
use kandy::{Attachment, ContentId, Device, Error, MessageContent, Phase, Status};
use kandy_emulator::{Emulator, InjectedFault};

use crate::support::{
    emulator::TestDomain,
    file_chunks::{CHUNK_LENGTH, chunk},
};

/// Starts an emulator with two users, and returns a device of each.
async fn start() -> (Emulator, Device, Device) {
    let test = TestDomain::start().await;
    let ((_, phone), (_, tablet)) = (test.create_user("russ").await, test.create_user("anna").await);
    (test.emulator, phone, tablet)
}

#[tokio::test]
async fn downloads_what_was_uploaded() -> kandy::Result<()> {
    let (_emulator, phone, tablet) = start().await;
    let bytes: Bytes = (0..3).flat_map(chunk).collect();
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
    while let Some(chunk) = file.try_next().await? {
        received.extend_from_slice(&chunk);
        assert_eq!(file.received(), received.len() as u64);
    }
    assert_eq!(received, bytes);
    Ok(())
}

#[tokio::test]
async fn opens_and_saves_files_on_disk() -> kandy::Result<()> {
    let (_emulator, phone, tablet) = start().await;
    let folder = env::temp_dir().join(format!("kandy-content-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (source, copy) = (folder.join("note.txt"), folder.join("back.txt"));
    let bytes: Bytes = (7..12).flat_map(chunk).collect();
    std::fs::write(&source, &bytes).expect("written");

    let uploaded = phone.upload(Attachment::open(&source).await?).await?;
    assert_eq!(uploaded.length, Some(bytes.len() as u64));
    assert_eq!(tablet.download(&uploaded.content_id).await?.save(&copy).await?, bytes.len() as u64);
    assert_eq!(std::fs::read(&copy).expect("read"), bytes);
    std::fs::remove_dir_all(&folder).expect("removed");

    let error = Attachment::open(&source).await.expect_err("it is gone");
    assert!(matches!(&error, Error::Argument(argument) if argument.argument() == "path"), "{error}");
    let error = Attachment::open(env::temp_dir()).await.expect_err("a folder").to_string();
    assert!(error.contains("not a file"), "{error}");
    Ok(())
}

#[tokio::test]
async fn distinguishes_a_refusal_from_a_file() -> kandy::Result<()> {
    let (_emulator, phone, tablet) = start().await;
    let error = tablet.download(ContentId::random()).await.expect_err("no such file");
    assert!(error.is_not_found(), "{error}");
    assert!(matches!(&error, Error::Api(refused) if refused.http_status() == 200), "{error}");

    // A JSON file is returned as a file, even if it looks like an envelope of success.
    for json in [r#"{"status": "none"}"#, r#"{"status": 0, "message": "success"}"#, "[1, 2]"] {
        let uploaded = phone.upload(Attachment::new("a.json", json)).await?;
        assert_eq!(tablet.download(&uploaded.content_id).await?.bytes(1024).await?, json);
        let error = tablet.thumbnail(&uploaded.content_id, "large").await.expect_err("no image");
        assert_eq!(error.status(), Some(Status::NO_DATA));
    }
    // So is a JSON file that is too long for a refusal, whatever its status.
    let long = format!(r#"{{"status": 5, "message": "{}"}}"#, "x".repeat(20_000));
    let uploaded = phone.upload(Attachment::new("a.json", long.clone())).await?;
    assert_eq!(tablet.download(&uploaded.content_id).await?.bytes(100_000).await?, long);
    let error = tablet.download(&uploaded.content_id).await?.bytes(1024).await.expect_err("too long");
    assert!(error.to_string().contains("limit of 1024 bytes"), "{error}");
    Ok(())
}

#[tokio::test]
async fn scales_thumbnails() -> kandy::Result<()> {
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

/// An attachment in memory or on disk can be read again; a stream cannot, so its upload fails instead.
#[tokio::test]
async fn renews_an_expired_token_and_resends_the_file() -> kandy::Result<()> {
    let (emulator, phone, tablet) = start().await;
    let bytes = chunk(1);
    let path = env::temp_dir().join(format!("kandy-again-{}", std::process::id()));
    std::fs::write(&path, &bytes).expect("written");
    let first_chunks = Arc::new(AtomicU64::new(0));
    let counter = first_chunks.clone();

    for attachment in [Attachment::new("a.bin", bytes.clone()), Attachment::open(&path).await?] {
        emulator.revoke_all_tokens();
        let counter = counter.clone();
        let upload = phone.upload(attachment).progress(move |sent| {
            counter.fetch_add(u64::from(sent == CHUNK_LENGTH), Ordering::Relaxed);
        });
        let uploaded = upload.await?;
        assert_eq!(tablet.download(&uploaded.content_id).await?.bytes(1 << 20).await?, bytes);
    }
    assert_eq!(first_chunks.load(Ordering::Relaxed), 4, "each of the two was sent twice");
    std::fs::remove_file(&path).expect("removed");

    emulator.revoke_all_tokens();
    let once = || Attachment::stream("a.bin", Some(CHUNK_LENGTH), stream::iter([Ok::<_, std::io::Error>(chunk(1))]));
    let error = phone.upload(once()).await.expect_err("it cannot be sent again");
    assert!(error.is_unauthorized(), "{error}");
    // The next upload uses a new token.
    phone.upload(once()).await?;
    Ok(())
}

#[tokio::test]
async fn a_failed_stream_is_an_error_and_stores_nothing() {
    let (emulator, phone, _tablet) = start().await;
    let chunks = [Ok(chunk(1)), Err(std::io::Error::other("the disk is gone"))];
    let error = phone.upload(Attachment::stream("a.bin", Some(2 * CHUNK_LENGTH), stream::iter(chunks))).await;
    let error = error.expect_err("half a file");
    assert!(matches!(&error, Error::Transport(_)), "{error}");
    assert_eq!(emulator.state().contents, 0);
}

#[tokio::test]
async fn a_truncated_or_stalled_download_is_an_error() -> kandy::Result<()> {
    let (emulator, phone, tablet) = start().await;
    let bytes: Bytes = (0..8).flat_map(chunk).collect();
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

/// The timeout bounds the idle time of an upload, not its total time.
#[tokio::test]
async fn a_slow_upload_does_not_time_out_while_it_progresses() -> kandy::Result<()> {
    let (_emulator, phone, _tablet) = start().await;
    let slow = || {
        stream::iter(0..6).then(|number| async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok::<_, std::io::Error>(chunk(number))
        })
    };
    let attachment = || Attachment::stream("a.bin", Some(6 * CHUNK_LENGTH), slow());
    phone.upload(attachment()).timeout(Duration::from_millis(400)).await?;
    let error = phone.upload(attachment()).deadline(Duration::from_millis(250)).await.expect_err("too slow");
    assert!(matches!(&error, Error::Transport(error) if error.phase() == Phase::Deadline), "{error}");
    Ok(())
}
