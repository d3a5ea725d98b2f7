using Lofizone.Shares;

namespace Lofizone.Tests;

public sealed class ShareUriTests
{
    [Theory]
    [InlineData("nfs://nas/export/zones", "nas", 2049, null, null, "/export/zones")]
    [InlineData("nfs://nas:20490/export/zones/", "nas", 20490, null, null, "/export/zones")]
    [InlineData("nfs://joost@nas/z", "nas", 2049, "joost", null, "/z")]
    [InlineData("nfs://joost:staff@[2001:db8::1]:2050/z", "2001:db8::1", 2050, "joost", "staff", "/z")]
    public void An_nfs_uri_names_server_port_identity_and_path(string text, string server, int port, string? user, string? group, string path)
    {
        ShareUri uri = ShareUri.Parse(text);
        Assert.Equal((true, server, port, user, group, path), (uri.IsNfs, uri.Server, uri.Port, uri.User, uri.Group, uri.Path));
        Assert.Equal(uri, ShareUri.Parse(uri.ToString()));
    }

    [Theory]
    [InlineData("dir:/var/share", "dir:/var/share")]
    [InlineData("/var//share/", "dir:/var/share")]
    [InlineData("dir:/", "dir:/")]
    public void A_directory_is_a_share(string text, string canonical) => Assert.Equal(canonical, ShareUri.Parse(text).ToString());

    [Theory]
    [InlineData("relative/path")]
    [InlineData("nfs://nas")]
    [InlineData("nfs:///export")]
    [InlineData("nfs://nas:0/export")]
    [InlineData("nfs://nas:70000/export")]
    [InlineData("nfs://2001:db8::1/export")]
    [InlineData("nfs://[nas]/export")]
    [InlineData("nfs://a:b:c@nas/export")]
    [InlineData("nfs://nas/export/../etc")]
    [InlineData("nfs://na s/export")]
    public void What_is_no_share_is_refused_with_the_text_in_the_message(string text)
    {
        LofizoneException error = Assert.Throws<LofizoneException>(() => ShareUri.Parse(text));
        Assert.StartsWith(text, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
    }
}
