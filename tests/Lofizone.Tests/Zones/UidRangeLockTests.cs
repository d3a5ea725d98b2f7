using System.Collections.Concurrent;
using Lofizone.Config;
using Lofizone.Hosts;
using Lofizone.Programs;
using Lofizone.Shares;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

/// <summary>
/// The lock of the ranges of IDs belongs to the whole host. A command that asks a server, which may be silent, does not hold the lock.
/// </summary>
public sealed class UidRangeLockTests : IDisposable
{
    private static readonly ZoneConfig _zone = new() { Name = "web", Uuid = Guid.Parse("6f0e5c1c-54c5-4f6e-9d6f-6d1c7b0a3a11"), RootImage = new RootImage("dir:/srv", 64 << 20) };

    private readonly TemporaryHost _temporary = new();
    private readonly ConcurrentQueue<bool> _held = new();

    public void Dispose() => _temporary.Dispose();

    [Theory]
    [InlineData("attach")]
    [InlineData("attach -n")]
    [InlineData("takeover")]
    public async Task No_server_is_asked_under_the_lock_of_the_ranges(string command)
    {
        DirectoryInfo directory = Directory.CreateDirectory(Path.Combine(_temporary.Paths.Root, "share/web"));
        ShareUri share = ShareUri.Parse("dir:" + directory.Parent!.FullName);
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await File.WriteAllBytesAsync(Path.Combine(directory.FullName, ZoneConfigJson.FileName), ZoneConfigJson.Write(_zone), cancellation);
        // This file is the last that the command reads before the first step.
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "manifest.json"), "no manifest", cancellation);
        ZoneHost host = new(_temporary.Paths, new ProgramRunner(), TimeProvider.System, "zone")
        {
            OpenShareAsync = (uri, cancellation) =>
            {
                _held.Enqueue(HostLock.IsHeld(_temporary.Paths, ".uid-ranges", out _));
                return Share.OpenAsync(uri, cancellation);
            },
        };
        Zone zone = new(host, "web", new RecordingReporter());
        await Assert.ThrowsAsync<LofizoneException>(() => command switch
        {
            "takeover" => zone.TakeOverAsync(share, new TakeoverOptions { Boot = false }, cancellation),
            _ => zone.AttachFromAsync(share, new AttachOptions { NoExecute = command == "attach -n" }, cancellation),
        });
        Assert.True(_held.Count >= 3, $"{_held.Count} questions");
        Assert.DoesNotContain(true, _held);
    }
}
