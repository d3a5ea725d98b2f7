using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Lofizone.Moving;
using Lofizone.Programs;
using Lofizone.Zones;

namespace Lofizone.Tests.Moving;

/// <summary>The answers of a move's far end to input that is not a move.</summary>
public sealed class MovePeerTests
{
    [Fact]
    public async Task It_says_who_it_is_and_answers_every_request_with_one_line_that_says_why_not()
    {
        JsonElement[] replies = await TalkAsync(
            "nonsense",
            """{"do":"dance","zone":"web"}""",
            """{"do":"offer","zone":"web"}""",
            """{"do":"give","zone":"../etc"}""",
            """{"do":"take","zone":"web","later":1}""",
            """{"do":"end","zone":"web"}""");
        JsonElement hello = replies[0].GetProperty("hello");
        Assert.Equal(MoveHello.CurrentVersion, hello.GetProperty("lofizone").GetInt32());
        Assert.Equal(0, hello.GetProperty("running").GetInt32());
        string[] failures = [.. replies.Skip(1).Select(r => r.GetProperty("failed").GetString()!)];
        Assert.Collection(
            failures,
            f => Assert.Contains("makes no sense", f, StringComparison.Ordinal),
            f => Assert.Contains("'dance' is not known", f, StringComparison.Ordinal),
            f => Assert.Contains("No such zone", f, StringComparison.Ordinal),
            f => Assert.Contains("etc", f, StringComparison.Ordinal),
            f => Assert.Contains("lacks a gift", f, StringComparison.Ordinal),
            f => Assert.Contains("no zone was offered", f, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_offer_is_not_believed()
    {
        string[] offers =
        [
            """{"host":"a","hostId":"1","config":"{}"}""",
            $$"""{"host":"{{new string('x', 300)}}","hostId":"1","config":"{}"}""",
            """{"host":"a","hostId":"1","config":"{\"version\":1,\"name\":\"db\",\"uuid\":\"6f0e5c1c-54c5-4f6e-9d6f-6d1c7b0a3a11\",\"brand\":\"native\",\"autoboot\":false}"}""",
        ];
        JsonElement[] replies = await TalkAsync([.. offers.Select(o => $$"""{"do":"check","zone":"web","offer":{{o}}}""")]);
        Assert.All(replies.Skip(1), r => Assert.Contains("what the other host tells of zone web", r.GetProperty("failed").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_directory_of_this_host_that_the_other_one_names_is_no_share()
    {
        const string config = """{\"version\":1,\"name\":\"web\",\"uuid\":\"6f0e5c1c-54c5-4f6e-9d6f-6d1c7b0a3a11\",\"rootimage\":{\"storage\":\"dir:/etc\",\"size\":67108864,\"fstype\":\"ext4\"}}""";
        const string offer = $$"""{"host":"a","hostId":"1","config":"{{config}}"}""";
        JsonElement[] replies = await TalkAsync(
            $$"""{"do":"check","zone":"web","offer":{{offer}}}""",
            $$"""{"do":"take","zone":"web","gift":{"at":"2026-01-01T00:00:00Z"},"offer":{{offer}}}""");
        Assert.All(replies.Skip(1), r =>
        {
            Assert.Contains("dir:/etc, a directory that this host", r.GetProperty("failed").GetString(), StringComparison.Ordinal);
            Assert.Contains("--accept", r.GetProperty("advice").GetString(), StringComparison.Ordinal);
        });
    }

    /// <summary>Sends lines and the end; returns the answers.</summary>
    private static async Task<JsonElement[]> TalkAsync(params string[] lines)
    {
        using TemporaryHost host = new();
        using MemoryStream input = new(Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))));
        Pipe pipe = new();
        await using (Stream output = pipe.Writer.AsStream())
        await using (MovePeer peer = new(new ZoneHost(host.Paths, new ProgramRunner(), TimeProvider.System, "zone"), input, output))
            await peer.RunAsync();
        using StreamReader reader = new(pipe.Reader.AsStream());
        return [.. (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }
}
