//! Files: uploads from disk and from readers, downloads as readers, iterators, bytes and files.

use std::io::Read;

use kandy::{Attachment, Error, MessageContent};
use kandy_emulator::Emulator;

use crate::{client, domain, user};

#[test]
fn files_are_read_and_written() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = Emulator::start()?;
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let (_, phone) = user(&domain, "russ")?;
    let bytes: Vec<u8> = (0..300_000_u32).map(|at| at as u8).collect();
    let folder = std::env::temp_dir().join(format!("kandy-blocking-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (source, target) = (folder.join("source.bin"), folder.join("target.bin"));
    std::fs::write(&source, &bytes)?;

    let from_disk = Attachment::blocking_open(&source)?;
    assert_eq!((from_disk.file_name(), from_disk.length()), ("source.bin", Some(300_000)));
    let uploads = [from_disk, Attachment::reader("source.bin", Some(300_000), std::io::Cursor::new(bytes.clone()))];
    for upload in uploads {
        let content_id = phone.upload(upload).send()?.content_id;
        let download = || phone.download(content_id.clone()).send();

        let mut file = download()?;
        assert_eq!(file.length(), Some(300_000));
        let mut begin = [0; 1000];
        file.read_exact(&mut begin)?;
        assert_eq!((file.received(), &begin[..]), (1000, &bytes[..1000]));
        // The rest, of which a part has arrived already.
        let rest = file.bytes(299_000)?;
        assert!(rest == bytes[1000..], "{} bytes", rest.len());

        let chunks = download()?.collect::<kandy::Result<Vec<_>>>()?;
        assert!(chunks.concat() == bytes);
        assert_eq!(download()?.save(&target)?, 300_000);
        assert!(std::fs::read(&target)? == bytes);
        let too_large = download()?.bytes(299_999);
        assert!(
            matches!(&too_large, Err(Error::Decode(error)) if error.to_string().contains("299999")),
            "{too_large:?}"
        );
        let unwritable = download()?.save(folder.join("none").join("file"));
        assert!(matches!(unwritable, Err(Error::Argument(_))), "{unwritable:?}");
        let response = phone.download(content_id.clone()).with_response()?;
        assert_eq!((response.http_status, response.value.length()), (200, Some(300_000)));
    }

    let photo = MessageContent::blocking_upload(&phone, Attachment::new("photo.png", "pixels"))?;
    assert_eq!(photo.mime_type(), Some("image/png"));
    for wrong in [folder.join("none"), folder.clone()] {
        let refused = Attachment::blocking_open(wrong);
        assert!(matches!(refused, Err(Error::Argument(_))), "{refused:?}");
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[test]
fn a_reader_that_fails_fails_the_upload() -> kandy::Result<()> {
    struct Failing;

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }

    let emulator = Emulator::start().expect("a free port");
    let kandy = client(&emulator);
    let domain = domain(&kandy, &emulator)?;
    let (_, phone) = user(&domain, "russ")?;
    let failed = phone.upload(Attachment::reader("a.txt", Some(3), Failing)).send();
    assert!(failed.as_ref().is_err_and(|error| error.to_string().contains("the disk is gone")), "{failed:?}");
    Ok(())
}
