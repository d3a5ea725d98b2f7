using Lofizone.Nfs.Rpc;

namespace Lofizone.Nfs.Tests.Fake;

/// <summary>Connects to the fake server, which may refuse for a while.</summary>
internal sealed class FakeConnector(FakeNfsServer server) : IRpcConnector
{
    public string Server => "fake:2049";

    public IRpcChannel Connect(TimeSpan deadline) => server.Accept();
}
