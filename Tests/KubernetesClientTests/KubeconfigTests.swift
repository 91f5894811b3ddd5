import Foundation
import Platform
import Testing

@testable import KubernetesClient

@Suite final class KubeconfigTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func file(_ name: String, _ text: String) throws -> String {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  private static let first = """
    apiVersion: v1
    kind: Config
    current-context: dr
    clusters:
      - name: eks-dr
        cluster: {server: "https://one:6443", certificate-authority: ca.pem, tls-server-name: api}
    contexts:
      - name: dr
        context: {cluster: eks-dr, user: ada, namespace: mosaic}
      - name: broken
        context: {cluster: nowhere, user: ada}
      - name: nobody
        context: {cluster: eks-dr, user: grace}
    users:
      - name: ada
        user: {token: very-secret}
    """
  private static let second = """
    current-context: other
    clusters:
      - name: eks-dr
        cluster: {server: "https://two:6443"}
      - name: more
        cluster:
          server: https://three
          certificate-authority-data: LS0t
          proxy-url: http://proxy:3128
    contexts:
      - {name: more, context: {cluster: more, user: program}}
      - {name: cert, context: {cluster: more, user: cert}}
    users:
      - name: program
        user:
          exec:
            apiVersion: client.authentication.k8s.io/v1
            command: ./bin/token
            args: [eks, get-token]
            env: [{name: AWS_PROFILE, value: dr}]
      - {name: cert, user: {client-certificate: /a.pem, client-key-data: LS0t}}
    """

  private func config() throws -> Kubeconfig {
    let list = [
      try file("a/config", Self.first), "", "/not/there", try file("b/config", Self.second),
    ]
    return try Kubeconfig.read(environment: ["KUBECONFIG": list.joined(separator: ":")])
  }

  @Test func ofTwoFilesTheFirstCountsAndNamesAreMerged() throws {
    let config = try config()
    let dr = try config.connection(context: nil)
    #expect(dr.context == "dr")
    #expect(dr.server == "https://one:6443")
    #expect(dr.namespace == "mosaic")
    #expect(dr.tlsServerName == "api")
    #expect(dr.authority == .file("\(folder.path)/a/ca.pem"))
    guard case .token(let token) = dr.identity else {
      Issue.record("no token")
      return
    }
    #expect(token.reveal() == "very-secret")
    #expect(!"\(dr)".contains("very-secret"))
    let more = try config.connection(context: "more")
    #expect(more.authority == .bytes(Array("---".utf8)))
    #expect(!more.isInsecure)
    #expect(more.proxy == "http://proxy:3128")
    #expect(more.namespace == "default")
    guard case .program(let program) = more.identity else {
      Issue.record("no program")
      return
    }
    #expect(program.command == "\(folder.path)/b/./bin/token")
    #expect(program.arguments == ["eks", "get-token"])
    #expect(program.environment == ["AWS_PROFILE": "dr"])
    let certificate = try #require(try config.connection(context: "cert").certificate)
    #expect(certificate.chain == .file("/a.pem"))
    #expect(certificate.key.reveal() == .bytes(Array("---".utf8)))
  }

  @Test(arguments: [
    ("nothing", "no such Kubernetes context"), ("broken", "names the cluster 'nowhere'"),
    ("nobody", "names the user 'grace'"),
  ])
  func whatIsNotThereIsNamed(context: String, words: String) throws {
    let config = try config()
    let problem = try #require(
      #expect(throws: Problem.self) { try config.connection(context: context) })
    #expect("\(problem.summary): \(problem.reason)".contains(words))
  }

  @Test func withoutAnyFileNothingIsCurrent() throws {
    let config = try Kubeconfig.read(environment: ["HOME": "/not/there"])
    let problem = #expect(throws: Problem.self) { try config.connection(context: nil) }
    #expect(problem?.reason.contains("no kubeconfig file was found") == true)
  }

  @Test(arguments: [
    ("server: https://three", "server: three", ":7:15", "no http or https URL"),
    ("certificate-authority-data: LS0t", "certificate-authority-data: '***'", ":8:35", "no base64"),
    ("/v1\n", "/v9\n", ":17:21", "is not supported"),
    ("{client-certificate: /a.pem, client-key-data: LS0t}", "{username: a}", "", "no longer a way"),
    (
      "{client-certificate: /a.pem, client-key-data: LS0t}", "{client-certificate: /a}", "",
      "no key"
    ),
    (
      "proxy-url:", "insecure-skip-tls-verify: true\n      proxy-url:", ":9:33",
      "not to be verified"
    ),
    ("clusters:", "clusters: [", "", "flow node"),
  ])
  func aMistakeIsNamedWhereItStands(
    old: String, new: String, position: String, words: String
  ) throws {
    let path = try file("c", Self.second.replacingOccurrences(of: old, with: new))
    let problem = try #require(
      #expect(throws: Problem.self) { try Kubeconfig.read(environment: ["KUBECONFIG": path]) })
    #expect(problem.subject?.hasPrefix("\(path):") == true)
    #expect(problem.reason.contains(words), "\(problem.reason)")
    if !position.isEmpty { #expect(problem.subject == path + position) }
  }

  /// To kubectl an empty text is a field that is not there; tools write such files.
  @Test func whatIsEmptyIsNotThere() throws {
    let path = try file(
      "empty",
      """
      current-context: ""
      clusters:
        - name: c
          cluster:
            server: https://one
            certificate-authority: ""
            certificate-authority-data: ""
            proxy-url: ""
            tls-server-name: ""
      contexts:
        - {name: c, context: {cluster: c, user: u, namespace: ""}}
        - {name: nobody, context: {cluster: c, user: ""}}
      users:
        - name: u
          user:
            as: ""
            client-certificate: ""
            client-certificate-data: ""
            password: ""
            token: ""
            tokenFile: ""
            username: ""
            exec:
              apiVersion: client.authentication.k8s.io/v1
              command: aws
              env: [{name: AWS_PROFILE, value: ""}]
      """)
    let config = try Kubeconfig.read(environment: [:], file: path)
    #expect(config.currentContext == nil)
    let connection = try config.connection(context: "c")
    #expect(connection.authority == nil && connection.tlsServerName == nil)
    #expect(connection.proxy == nil && connection.namespace == "default")
    #expect(connection.certificate == nil && connection.impersonation == nil)
    guard case .program(let program) = connection.identity else {
      Issue.record("\(connection.identity)")
      return
    }
    #expect(program.command == "aws" && program.environment == ["AWS_PROFILE": ""])
    guard case .anonymous = try config.connection(context: "nobody").identity else {
      Issue.record("the user with an empty name is somebody")
      return
    }
  }
}
