//! The ZooKeeper wire: records and frames, pure, for both ends of a connection.
//!
//! From the bytes up: [`frame`] cuts a stream into frames, [`wire`] reads and writes the jute
//! encoding inside them, and the records of the protocol (one a file) are gathered by [`Request`]
//! and [`Response`]. [`path`] holds the rules for the names of znodes.
//!
//! Decoding is total: any bytes give a value or a typed error, never a panic, and never an
//! allocation that the bytes at hand do not pay for. What a peer claims is preserved, not judged:
//! create flags, watch modes and operation codes nobody knows arrive as they were sent.
//!
//! Not here: I/O, time, and any opinion on what a request means. What servers say to each other is
//! not ZooKeeper's wire in this project, so it is not here either.
//!
//! No `Debug` output of this crate shows a password, a digest or an authentication credential.
//!
//! ```
//! use bytes::BytesMut;
//! use proto::{FrameDecoder, Reader, Decode, Request, RequestHeader, request::write_request};
//! # use interregnum_proto as proto;
//!
//! let mut stream = BytesMut::new();
//! write_request(&mut stream, 1, &Request::Sync(proto::SyncRequest { path: "/a".into() }));
//!
//! let mut frames = FrameDecoder::default();
//! frames.push(&stream);
//! let frame = frames.next_frame()?.expect("the frame is complete");
//! let mut reader = Reader::new(&frame);
//! let header = RequestHeader::decode(&mut reader)?;
//! let request = Request::decode(&header, &mut reader)?;
//! assert_eq!(request.path(), Some("/a"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod frame;
pub mod path;
pub mod records;
pub mod request;
pub mod response;
pub mod types;
pub mod wire;

pub use frame::{FrameDecoder, FrameError};
pub use path::PathError;
pub use records::*;
pub use request::{Request, RequestError};
pub use response::{Response, ResponseError};
pub use types::*;
pub use wire::{Decode, DecodeError, Encode, Reader};
