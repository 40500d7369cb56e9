//! Thumbnails of large images: they do not block other requests, and too large images are refused.

use reqwest::{
    RequestBuilder,
    multipart::{Form, Part},
};
use tokio::task::JoinSet;

use crate::fixture::{Kandy, User, envelope, users};

/// A PNG of black pixels, one bit each, some kilobytes long at any size.
fn png(width: u32, height: u32) -> Vec<u8> {
    let row = 1 + width.div_ceil(8);
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[1, 0, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", deflated_zeros(row * height)), (b"IEND", Vec::new())] {
        png.extend(u32::try_from(data.len()).expect("short").to_be_bytes());
        let chunk = [&kind[..], &data].concat();
        png.extend(&chunk);
        png.extend(crc32(&chunk).to_be_bytes());
    }
    png
}

/// A zlib stream of zeros: one zero, then repetitions of the last 258.
fn deflated_zeros(count: u32) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, with fixed Huffman codes.
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    let (repeated, literal) = ((count - 1) / 258, 1 + (count - 1) % 258);
    for _ in 0..literal {
        bits.push_code(0b0011_0000, 8);
    }
    for _ in 0..repeated {
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    bits.push_code(0, 7);
    let adler = ((count % 65521) << 16) | 1;
    [&[0x78, 0x9c], &bits.bytes[..], &adler.to_be_bytes()].concat()
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    /// Appends bits, the lowest first.
    fn push(&mut self, bits: u32, count: u32) {
        for at in 0..count {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().expect("just pushed") |=
                u8::try_from((bits >> at) & 1).expect("a bit") << (self.used % 8);
            self.used += 1;
        }
    }

    /// Appends a Huffman code, the highest bit first.
    fn push_code(&mut self, code: u32, count: u32) {
        self.push(code.reverse_bits() >> (32 - count), count);
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// The head of a JPEG of this size, without image data.
fn jpeg(width: u16, height: u16) -> Vec<u8> {
    let ([w1, w2], [h1, h2]) = (width.to_be_bytes(), height.to_be_bytes());
    [
        &[0xff, 0xd8, 0xff, 0xe0, 0, 16][..],
        b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0",
        &[0xff, 0xc0, 0, 11, 8, h1, h2, w1, w2, 1, 1, 0x11, 0],
        &[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
        &[0xff, 0xd9],
    ]
    .concat()
}

impl Kandy {
    async fn upload_image(&self, user: &User, id: u128, image: Vec<u8>) {
        let id = format!("{id:032x}");
        let query =
            [("key", &*user.token), ("device_id", &user.device), ("content_uuid", &id), ("content_type", "image/png")];
        let form = Form::new().part("file", Part::bytes(image).file_name("image.png"));
        assert_eq!(envelope(self.request("content_upload", &query).multipart(form)).await.status(), 0);
    }

    fn thumbnail_of(&self, user: &User, id: u128) -> RequestBuilder {
        let id = format!("{id:032x}");
        let query =
            [("key", &*user.token), ("device_id", &user.device), ("content_uuid", &id), ("thumbnail_size", "24x24")];
        self.request("content_thumbnail_download", &query)
    }
}

#[tokio::test]
async fn too_many_pixels_is_refused() {
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    // The head of an image is enough to refuse it: pixel data need not follow.
    let without_pixels = |width, height| png(width, height)[..100].to_vec();
    for (id, image) in (0..).zip([
        png(8191, 8191),
        without_pixels(8191, 8191),
        without_pixels(30_000, 30_000),
        without_pixels(60_000_000, 1),
        jpeg(65_500, 65_500),
    ]) {
        kandy.upload_image(&russ, id, image).await;
        let refused = envelope(kandy.thumbnail_of(&russ, id)).await;
        assert_eq!(refused.status(), 19, "{id}");
        assert!(refused.message().contains("more than 50000000 pixels"), "{id}: {}", refused.message());
    }
    // Other content is refused with another message.
    for (id, image) in (100..).zip([without_pixels(700, 700), b"\x89PNG".to_vec(), jpeg(0, 1)]) {
        kandy.upload_image(&russ, id, image).await;
        let refused = envelope(kandy.thumbnail_of(&russ, id)).await;
        assert_eq!((refused.status(), refused.message()), (19, "there is no thumbnail of this content"), "{id}");
    }
}

#[tokio::test]
async fn thumbnails_do_not_block_other_requests() {
    const IMAGES: u128 = 16;
    let kandy = Kandy::start();
    let domain = kandy.domain("example.com").await;
    let russ = kandy.user(&domain, "russ").await;
    let image = png(1200, 1200);
    for id in 0..IMAGES {
        kandy.upload_image(&russ, id, image.clone()).await;
    }
    let mut thumbnails = JoinSet::new();
    for id in 0..IMAGES {
        let request = kandy.thumbnail_of(&russ, id);
        thumbnails.spawn(async move {
            let response = request.send().await.expect("a response");
            assert_eq!((response.status().as_u16(), &response.headers()["content-type"] == "image/png"), (200, true));
        });
    }
    let first = thumbnails.join_next().await.expect("one of them");
    first.expect("a thumbnail");
    // All thumbnails are in progress. Other requests are served in between, each within two thumbnails.
    for number in 0..4 {
        kandy.call("user_list", &[("key", &domain.token)]).await.result();
        kandy.http.get(kandy.admin_url("health")).send().await.expect("a response");
        let mut made = 1;
        while let Some(thumbnail) = thumbnails.try_join_next() {
            thumbnail.expect("a thumbnail");
            made += 1;
        }
        assert!(!thumbnails.is_empty(), "{number}: {made} of {IMAGES} were made first");
    }
    while let Some(thumbnail) = thumbnails.join_next().await {
        thumbnail.expect("a thumbnail");
    }
}

#[tokio::test]
async fn the_page_shows_thumbnails() {
    let kandy = Kandy::start();
    let (_, [russ, _]) = users(&kandy, ["russ", "anna"]).await;
    kandy.upload_image(&russ, 1, png(1200, 1200)).await;
    let query = [("of", russ.full_id.as_str()), ("thumbnail", "64x64")];
    let request = kandy.http.get(kandy.admin_url(&format!("contents/{:032x}", 1))).query(&query);
    let thumbnail = request.send().await.expect("a response");
    assert_eq!(thumbnail.status(), 200);
    assert_eq!(thumbnail.headers()["content-type"], "image/png");
    let bytes = thumbnail.bytes().await.expect("a body");
    // Width and height in the head of a PNG.
    assert_eq!(bytes[16..24], [0, 0, 0, 64, 0, 0, 0, 64]);
}
