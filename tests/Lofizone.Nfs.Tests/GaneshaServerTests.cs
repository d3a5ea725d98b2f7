using System.Net;
using Lofizone.Testing.Nfs;

namespace Lofizone.Nfs.Tests;

public sealed class GaneshaServerTests
{
    [Fact]
    public async Task A_server_stops_and_starts_again_on_its_port_and_leaves_nothing()
    {
        GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { RootSquash = true, GraceSeconds = 2 });
        IPEndPoint endPoint = new(IPAddress.Loopback, server.Port);
        await using (server)
        {
            Assert.True(await NfsNullCall.AnswersAsync(endPoint, CancellationToken.None));
            await server.KillAsync();
            Assert.False(await NfsNullCall.AnswersAsync(endPoint, CancellationToken.None));
            await server.StartAgainAsync();
            Assert.True(await NfsNullCall.AnswersAsync(endPoint, CancellationToken.None));
            await server.StopAsync();
            Assert.False(server.IsRunning);
        }
        Assert.False(Directory.Exists(server.Directory));
    }
}
