import Testing

/// Tests of the real executable, as a child process, over loopback.
///
/// One at a time: each starts servers of its own, and deadlines would be missed by a crowd.
@Suite("End to end", .serialized)
enum EndToEnd {}
