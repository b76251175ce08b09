public import Hummingbird

/// Assembles the routes and what surrounds them.
public func apiResponder(_ services: Services) -> EdgeResponder<RouterResponder<APIContext>> {
    let router = Router(context: APIContext.self)
    router.add(middleware: RefusalMiddleware(metrics: services.metrics))
    let table = RouteTable(router, limits: services.limits)
    SessionRoutes(services: services).add(to: table)
    SecondFactorRoutes(services: services).add(to: table)
    UserRoutes(services: services).add(to: table)
    CredentialsRoutes(services: services).add(to: table)
    TenantRoutes(services: services).add(to: table)
    TenantCredentialRoutes(services: services).add(to: table)
    ReminderRoutes(services: services).add(to: table)
    AuditRoutes(services: services).add(to: table)
    HierarchyRoutes(services: services).add(to: table)
    UnlockRoutes(services: services).add(to: table)
    OperationRoutes(services: services).add(to: table)
    return EdgeResponder(router.buildResponder(), metrics: RequestMetrics(listener: "api"))
}
