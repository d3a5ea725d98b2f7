using Lofizone.Devices;
using Lofizone.Programs;
using Lofizone.Shares;

namespace Lofizone.Integration.Tests.Devices;

/// <summary>Commands that are killed at each of their steps, and commands that race each other, each in a process of its own.</summary>
public sealed class KilledCommandTests : IAsyncDisposable
{
    private const int KilledExitCode = 137;

    private readonly LofiHost _host = new();

    public static TheoryData<string> AttachSteps => [.. LofiSteps.AttachDir];

    public static TheoryData<string> DetachSteps => [.. LofiSteps.Detach];

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(AttachSteps))]
    public async Task An_attach_killed_at_any_step_leaves_what_recovery_removes(string step)
    {
        ShareUri image = _host.MakeImage();
        ProgramResult killed = await _host.ProbeAsync("attach", image.ToString(), $"attach/{step}/before");
        Assert.Equal(KilledExitCode, killed.ExitCode);

        IReadOnlyList<RecoverResult> results = await _host.Devices.RecoverAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(results, r => r.Outcome is RecoverOutcome.Busy or RecoverOutcome.Failed);
        // After a kill behind the complete record, the device works.
        foreach (LofiDevice device in _host.Devices.List())
        {
            Assert.Equal(LofiHealth.Ok, device.Health);
            await _host.DetachAsync(device);
        }

        _host.AssertNothingLeft();
    }

    [Theory]
    [MemberData(nameof(AttachSteps))]
    public async Task After_a_killed_attach_the_same_attach_works_without_anything_in_between(string step)
    {
        ShareUri image = _host.MakeImage();
        await _host.ProbeAsync("attach", image.ToString(), $"attach/{step}/before");
        if (_host.Devices.Find(image.ToString()) is not { Health: LofiHealth.Ok } device)
            device = await _host.AttachAsync(image);
        await _host.DetachLastAsync(device);
    }

    [Theory]
    [MemberData(nameof(DetachSteps))]
    public async Task A_detach_killed_at_any_step_can_be_repeated(string step)
    {
        ShareUri image = _host.MakeImage();
        await _host.AttachAsync(image);
        ProgramResult killed = await _host.ProbeAsync("detach", image.ToString(), $"detach/{step}/before");
        Assert.Equal(KilledExitCode, killed.ExitCode);
        if (_host.Devices.Find(image.ToString()) is { } device)
            await _host.DetachLastAsync(device);
    }

    [Fact]
    public async Task Of_many_commands_that_attach_one_image_at_once_exactly_one_wins()
    {
        ShareUri image = _host.MakeImage();
        ProgramResult[] results = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => _host.ProbeAsync("attach", image.ToString())));
        Assert.Single(results, r => r.ExitCode == 0);
        Assert.All(results.Where(r => r.ExitCode != 0), r => Assert.Contains("attach", r.Error, StringComparison.Ordinal));
        Assert.Single(_host.Loops());
        await _host.DetachLastAsync(Assert.Single(_host.Devices.List()));
    }

    [Fact]
    public async Task Commands_that_attach_different_images_at_once_get_different_devices()
    {
        ShareUri[] images = [.. Enumerable.Range(0, 6).Select(i => _host.MakeImage($"image{i}"))];
        ProgramResult[] results = await Task.WhenAll(images.Select(i => _host.ProbeAsync("attach", i.ToString())));
        Assert.All(results, r => Assert.Equal((0, ""), (r.ExitCode, r.Error)));
        IReadOnlyList<LofiDevice> devices = _host.Devices.List();
        Assert.Equal([1, 2, 3, 4, 5, 6], devices.Select(d => d.Number));
        Assert.Equal(6, devices.Select(d => d.LoopDevice).Distinct().Count());
        Assert.Equal(images.Select(i => i.Path).Order(), devices.Select(d => d.File.Path).Order());
        await Task.WhenAll(devices.Select(d => _host.DetachAsync(d)));
        _host.AssertNothingLeft();
    }
}
