// What a client sends. Each body reveals its secrets to the writer and to nothing else.

extension CreateSessionBody: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("username", username)
            writer.member("password", password.reveal())
            writer.member("tenantKey", tenantKey)
            writer.member("tenantSecret", tenantSecret.reveal())
            if let otp { writer.member("otp", otp.reveal()) }
        }
    }
}

extension OTPBody: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { $0.member("otp", otp.reveal()) }
    }
}

extension RefreshSessionBody: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { $0.member("refreshToken", refreshToken.reveal()) }
    }
}

extension IntrospectBody: JSONWritable {
    public func write(to writer: inout JSONWriter) {
        writer.object { $0.member("token", token.reveal()) }
    }
}
