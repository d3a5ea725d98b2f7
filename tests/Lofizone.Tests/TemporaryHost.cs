using Lofizone.Hosts;

namespace Lofizone.Tests;

/// <summary>A host below a directory of its own, which is removed at the end.</summary>
internal sealed class TemporaryHost : IDisposable
{
    public TemporaryHost() => Paths = new HostPaths(Directory.CreateTempSubdirectory("lofizone-test-").FullName);

    public HostPaths Paths { get; }

    public void Dispose() => Directory.Delete(Paths.Root, recursive: true);
}
