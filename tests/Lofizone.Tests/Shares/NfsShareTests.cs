using Lofizone.Shares;
using Lofizone.Testing.Nfs;

namespace Lofizone.Tests.Shares;

public sealed class NfsShareTests
{
    [Fact]
    public async Task A_host_that_the_export_does_not_list_is_told_of_the_access_list()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { Clients = "192.0.2.77" });
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => NfsShare.OpenAsync(ShareUri.Parse(server.Uri)));
        Assert.Contains("access list", error.Advice, StringComparison.Ordinal);
        Assert.Contains("sees no export at all", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_is_missing_among_the_exports_is_told_with_those_there_are()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        ShareUri share = ShareUri.Parse(server.Uri);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => NfsShare.OpenAsync(ShareUri.Parse($"nfs://{share.Authority}/nowhere/zones")));
        Assert.Contains("/nowhere does not exist", error.Message, StringComparison.Ordinal);
        Assert.Contains("which sees export", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pseudo_root_of_a_server_can_be_listed()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using NfsShare share = await NfsShare.OpenAsync(ShareUri.Parse($"nfs://{ShareUri.Parse(server.Uri).Authority}/"));
        Assert.Equal(["export"], await share.ListAsync("", CancellationToken.None));
        Assert.True((await share.StatAsync("export", CancellationToken.None))!.IsDirectory);
    }

    [Theory]
    [InlineData(2u, 3u, "speaks NFS 2 to 3 only; 4.1 or 4.2 is needed", "switch NFSv4.1")]
    [InlineData(3u, 3u, "speaks NFS 3 only; 4.1 or 4.2 is needed", "switch NFSv4.1")]
    public async Task A_server_of_an_older_version_is_told_apart_from_one_that_does_not_answer(uint lowest, uint highest, string message, string advice)
    {
        using OldNfsServer server = new(lowest, highest);
        LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => NfsShare.OpenAsync(ShareUri.Parse($"nfs://127.0.0.1:{server.Port}/export")));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(advice, error.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_squashed_root_uses_a_share_like_a_local_directory()
    {
        CancellationToken none = CancellationToken.None;
        await using GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { RootSquash = true });
        await using NfsShare share = await NfsShare.OpenAsync(ShareUri.Parse(server.Uri));

        Assert.True(await share.CreateDirectoryAsync("web", none));
        Assert.False(await share.CreateDirectoryAsync("web", none));
        Assert.Null(await share.ReadFileAsync("web/zone.json", 1024, none));
        Assert.Null(await share.ReadFileAsync("none/zone.json", 1024, none));
        await share.WriteFileAsync("web/zone.json", "{}"u8.ToArray(), none);
        await share.WriteFileAsync("web/zone.json", "{ }"u8.ToArray(), none);
        Assert.Equal("{ }"u8.ToArray(), await share.ReadFileAsync("web/zone.json", 1024, none));
        await share.CreateImageAsync("web/root.img", 1L << 30, none);
        await Assert.ThrowsAsync<LofizoneException>(() => share.CreateImageAsync("web/root.img", 1, none));
        ShareEntry image = (await share.StatAsync("web/root.img", none))!;
        Assert.Equal((false, 1L << 30), (image.IsDirectory, image.Size));
        Assert.True(image.Allocated < 1 << 20);
        Assert.Equal(["root.img", "zone.json"], (await share.ListAsync("web", none))!.Order(StringComparer.Ordinal));
        Assert.Null(await share.ListAsync("none", none));
        await Assert.ThrowsAsync<LofizoneException>(() => share.ReadFileAsync("web/zone.json", 2, none));
        Assert.True((await share.SpaceAsync(none)).Total > 0);
        await share.RemoveAsync("web/root.img", none);
        await share.RemoveAsync("web/root.img", none);
        Assert.Null(await share.StatAsync("web/root.img", none));
    }

    [Fact]
    public async Task A_file_or_directory_that_another_host_removes_and_makes_again_is_there_or_not_there_for_a_reader()
    {
        const int Rounds = 200;
        CancellationToken none = CancellationToken.None;
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        await using NfsShare reader = await NfsShare.OpenAsync(ShareUri.Parse(server.Uri));
        await using NfsShare writer = await NfsShare.OpenAsync(ShareUri.Parse(server.Uri));
        byte[] content = "{}"u8.ToArray();
        Task writing = Task.Run(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                await writer.CreateDirectoryAsync("web", none);
                await writer.WriteFileAsync("web/home.json", content, none);
                await writer.RemoveAsync("web/home.json", none);
                await writer.RemoveAsync("web", none);
            }
        });
        List<byte[]?> read = [];
        List<IReadOnlyList<string>?> listed = [];
        while (!writing.IsCompleted)
        {
            read.Add(await reader.ReadFileAsync("web/home.json", 1024, none));
            listed.Add(await reader.ListAsync("web", none));
        }

        await writing;
        Assert.All(read, found => Assert.True(found is null || found.SequenceEqual(content)));
        Assert.All(listed, found => Assert.True(found is null || found.Count <= 2));
    }

    [Fact]
    public async Task A_symbolic_link_on_the_share_is_refused_wherever_it_stands()
    {
        CancellationToken none = CancellationToken.None;
        await using GaneshaServer server = await GaneshaServer.StartAsync();
        Directory.CreateDirectory(Path.Combine(server.ExportDirectory, "real"));
        await File.WriteAllTextAsync(Path.Combine(server.ExportDirectory, "real/zone.json"), "{}");
        Directory.CreateSymbolicLink(Path.Combine(server.ExportDirectory, "link"), "real");
        File.CreateSymbolicLink(Path.Combine(server.ExportDirectory, "real/link.json"), "zone.json");
        await using NfsShare share = await NfsShare.OpenAsync(ShareUri.Parse(server.Uri));

        foreach (string path in new[] { "link/zone.json", "real/link.json" })
        {
            LofizoneException error = await Assert.ThrowsAsync<LofizoneException>(() => share.ReadFileAsync(path, 1024, none));
            Assert.Contains("symbolic link", error.Message, StringComparison.Ordinal);
            Assert.Contains(path.StartsWith("link", StringComparison.Ordinal) ? "/export/link " : "/export/real/link.json", error.Message, StringComparison.Ordinal);
        }
        await Assert.ThrowsAsync<LofizoneException>(() => NfsShare.OpenAsync(ShareUri.Parse(server.Uri).Below("link")));
    }

    [Fact]
    public async Task Failures_say_which_server_and_path_and_what_to_do()
    {
        await using GaneshaServer server = await GaneshaServer.StartAsync(new GaneshaOptions { RootSquash = true, ExportOwner = 12345 });
        ShareUri uri = ShareUri.Parse(server.Uri);

        LofizoneException missing = await Assert.ThrowsAsync<LofizoneException>(() => NfsShare.OpenAsync(uri.Below("none/deeper")));
        Assert.Contains("/export/none does not exist", missing.Message, StringComparison.Ordinal);
        await using (NfsShare squashed = await NfsShare.OpenAsync(uri))
        {
            LofizoneException denied = await Assert.ThrowsAsync<LofizoneException>(() => squashed.CreateDirectoryAsync("web", CancellationToken.None));
            Assert.Contains("USER@", denied.Advice, StringComparison.Ordinal);
        }
        await using (NfsShare owner = await NfsShare.OpenAsync(ShareUri.Parse(server.UriAs("12345"))))
            Assert.True(await owner.CreateDirectoryAsync("web", CancellationToken.None));

        await server.KillAsync();
        LofizoneException dead = await Assert.ThrowsAsync<LofizoneException>(() => NfsShare.OpenAsync(uri));
        Assert.Contains("can't be reached", dead.Message, StringComparison.Ordinal);
        Assert.NotNull(dead.Advice);
    }
}
