import FinHubAPI
import FinHubCore
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Keeps one connection within its limits: total deadlines for headers and body, which a
/// dribbling sender can't push out; the envelope for what the parser refuses; an orderly close.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum Phase {
        /// Between requests; the first byte starts the next one's clock.
        case idle
        /// Some bytes of a head have come.
        case head
        /// The head has come, the body's end has not.
        case body
        /// The whole request has come, its answer has not gone.
        case answering
        /// The last answer has gone; what still comes is dropped.
        case closing
    }

    private let limits: ConnectionLimits
    private let connections: ConnectionCount
    private var phase = Phase.idle
    private var address: NetworkAddress?
    /// When the phase must be over.
    private var deadline = NIODeadline.distantFuture
    private var alarm: Scheduled<Void>?
    private var hasBegunAnswer = false
    private var closesAfterAnswer = false
    private var isHead = false
    private var drained = 0
    /// What came of the next requests while one is being answered; at most one read's worth,
    /// for no more is read meanwhile.
    private var pipelined: [HTTPRequestPart] = []
    private var hasWithheldRead = false
    /// How many reads have ended since the last part of the request being answered came, its own included.
    private var readsSinceRequest = 0
    /// What the parser refused while the request before it was being answered.
    private var refusalAfterAnswer: Refusal?

    init(limits: ConnectionLimits, connections: ConnectionCount) {
        self.limits = limits
        self.connections = connections
    }

    // MARK: The connection

    func handlerAdded(context: ChannelHandlerContext) {
        if let address = context.remoteAddress.flatMap(NetworkAddress.init) {
            guard connections.add(address) else { return context.close(promise: nil) }
            self.address = address
        }
        // One read of a moderate size a turn: what is refused is not read on in big bites.
        _ = context.channel.setOption(.maxMessagesPerRead, value: 1)
        _ = context.channel.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 8 * 1_024))
        expect(.idle, within: limits.headerTimeout)
        setAlarm(in: limits.shortest, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        if let address { connections.remove(address) }
        address = nil
        context.fireChannelInactive()
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if phase == .closing {
            if case .body(let buffer) = part { drop(buffer, context) }
            return
        }
        if phase == .answering {
            pipelined.append(part)
        } else if admit(part, context) {
            context.fireChannelRead(data)
        }
    }

    /// Takes note of a part, and says whether it may go on to the router.
    private func admit(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) -> Bool {
        switch part {
        case .head(let head):
            isHead = head.method == .head
            // The codec takes the first Host out; RFC 9112, section 3.2, wants exactly one.
            guard head.authority != nil, head.headerFields[.host] == nil else {
                refuse(.malformedRequest("A request must have one Host."), context)
                return false
            }
            expect(.body, within: limits.requestTimeout)
        case .body: break
        case .end:
            deadline = .distantFuture
            readsSinceRequest = 0
            phase = .answering
        }
        return true
    }

    /// Withholds reads once something of the next request has come while one is being answered:
    /// it must not run should this answer close the connection, and more must not pile up.
    ///
    /// One read stays allowed, because most clients wait for the answer: taking back and giving
    /// again the interest in reading would cost two system calls a request.
    func read(context: ChannelHandlerContext) {
        if phase == .answering, !pipelined.isEmpty || refusalAfterAnswer != nil {
            hasWithheldRead = true
        } else {
            context.read()
        }
    }

    /// Goes on with what came while the last request was being answered.
    private func resume(_ context: ChannelHandlerContext) {
        while phase != .answering, phase != .closing, !pipelined.isEmpty {
            let part = pipelined.removeFirst()
            if admit(part, context) { context.fireChannelRead(wrapInboundOut(part)) }
            // What comes after this is of another read than the request's own.
            readsSinceRequest = 1
        }
        context.fireChannelReadComplete()
        guard phase != .answering, phase != .closing else { return }
        if let refusal = refusalAfterAnswer { return refuse(refusal, context) }
        guard hasWithheldRead else { return }
        hasWithheldRead = false
        context.read()
    }

    /// Comes after every read, whether or not it completed a part: so the first byte of a head
    /// is noticed.
    func channelReadComplete(context: ChannelHandlerContext) {
        if phase == .idle { expect(.head, within: limits.headerTimeout) }
        readsSinceRequest += 1
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .dataReceivedInErrorState(_, let rest)? = error as? ByteToMessageDecoderError {
            return drop(rest, context)
        }
        guard let error = error as? HTTPParserError else { return context.fireErrorCaught(error) }
        let refusal =
            error == .headerOverflow
            ? Refusal.headersTooLarge : .malformedRequest("The request is not HTTP/1.1 as RFC 9112 has it.")
        switch phase {
        case .closing: context.close(promise: nil)
        case .answering: refusalAfterAnswer = refusal
        case .body where hasBegunAnswer: context.close(promise: nil)
        case .idle, .head, .body: refuse(refusal, context)
        }
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase != .closing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            hasBegunAnswer = true
            closesAfterAnswer = head.headerFields[.connection] == "close"
            guard phase == .body, !closesAfterAnswer else { return context.write(data, promise: promise) }
            // Answered before the body was there: what else comes of it is nobody's.
            head.headerFields[.connection] = "close"
            closesAfterAnswer = true
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            hasBegunAnswer = false
            isHead = false
            if closesAfterAnswer {
                context.writeAndFlush(data, promise: promise)
                closeOrderly(context)
            } else {
                context.write(data, promise: promise)
                // A read that completed no part has left the beginning of a head in the parser.
                if readsSinceRequest > 1, pipelined.isEmpty {
                    expect(.head, within: limits.headerTimeout)
                } else {
                    expect(.idle, within: limits.keepAlive)
                }
                resume(context)
            }
        }
    }

    // MARK: Closing

    /// Counts what nobody reads; too much of it after the last answer closes the connection.
    private func drop(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        drained += buffer.readableBytes
        if phase == .closing, drained > limits.drained { context.close(promise: nil) }
    }

    /// Answers what the router never saw, and closes.
    private func refuse(_ refusal: Refusal, _ context: ChannelHandlerContext) {
        let (head, body) = refusal.bareAnswer
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !isHead { context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        closeOrderly(context)
    }

    /// Closes our side, drops a little of what is still coming so that the peer gets to read the
    /// answer, then closes.
    private func closeOrderly(_ context: ChannelHandlerContext) {
        let time = TimeAmount.seconds(1)
        expect(.closing, within: time)
        setAlarm(in: time, context)
        pipelined = []
        context.close(mode: .output, promise: nil)
        guard hasWithheldRead else { return }
        hasWithheldRead = false
        context.read()
    }

    /// Enters `next`; the connection is closed unless that is left within `time`.
    private func expect(_ next: Phase, within time: TimeAmount) {
        phase = next
        deadline = .now() + time
    }

    /// Looks at the deadline after `time`, and again for as long as it has not passed.
    ///
    /// A request moves the deadline three times and the alarm never: as no deadline is nearer than
    /// ``ConnectionLimits/shortest`` when it is set, an alarm at most that far off is in time.
    private func setAlarm(in time: TimeAmount, _ context: ChannelHandlerContext) {
        alarm?.cancel()
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        alarm = context.eventLoop.scheduleTask(in: time) {
            let (connection, context) = loopBound.value
            connection.alarmRang(context)
        }
    }

    private func alarmRang(_ context: ChannelHandlerContext) {
        let left = deadline - .now()
        if left <= .zero {
            deadlinePassed(context)
        } else {
            setAlarm(in: min(left, limits.shortest), context)
        }
    }

    private func deadlinePassed(_ context: ChannelHandlerContext) {
        if phase == .body, !hasBegunAnswer { return refuse(.requestTimeout, context) }
        if phase == .body { return }
        context.close(promise: nil)
    }
}

extension Refusal {
    /// Head and body of an answer that no router was asked for.
    fileprivate var bareAnswer: (HTTPResponse, [UInt8]) {
        let body = Envelope(
            code: status.code,
            message: message,
            data: RefusalBody(error: code, details: details, suggestions: suggestions)
        ).jsonBytes
        var fields = EdgeHeaders.all
        fields[.contentType] = "application/json; charset=utf-8"
        fields[.cacheControl] = "no-store"
        fields[.correlationID] = ID<Refusal>.random().description
        fields[.contentLength] = String(body.count)
        fields[.connection] = "close"
        return (HTTPResponse(status: status, headerFields: fields), body)
    }
}
