import FinHubCore
import HTTPTypes

extension ClientDetails {
    /// What the caller's headers and address say of it, cut to what a row should hold.
    init(_ headers: HTTPFields, address: NetworkAddress?) {
        self.init(
            address: address?.description,
            userAgent: headers.first(.userAgent),
            forwardedFrom: headers.first(.forwardedFrom),
            platform: headers.first(.platform, .clientHintPlatform),
            device: Self.device(headers)
        )
    }

    /// The device that the caller's headers name.
    static func device(_ headers: HTTPFields) -> String? {
        headers.first(.deviceID, .alternativeDeviceIDs[0], .alternativeDeviceIDs[1])
    }
}

extension HTTPFields {
    fileprivate func first(_ names: HTTPField.Name...) -> String? {
        names.lazy.compactMap { self[values: $0].first }.first.map { $0.cut(to: 256) }
    }
}
